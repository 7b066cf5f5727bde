// When a donor who pays by link is reminded of an instalment.

import { t } from '@lib/t'
import type { NewPledge } from '@api/types'

export interface RemindersDraft {
  on: boolean
  before: string
  every: string
  most: string
}

const MOST_DAYS = 60
const MOST = 10

/** draftReminders is what is usual: a week before, then every ten days, three in all. */
export const draftReminders = (): RemindersDraft => ({ on: true, before: '7', every: '10', most: '3' })

/** remindersOf is what is sent; a card that is charged by itself needs no reminding. */
export function remindersOf(draft: RemindersDraft, byCard: boolean): NonNullable<NewPledge['remind']> {
  if (byCard || !draft.on) return { before_days: 0, every_days: 0, at_most: 0 }
  return { before_days: Number(draft.before), every_days: Number(draft.every), at_most: Number(draft.most) }
}

/** remindersProblem says what is wrong, in one sentence for the three fields. */
export function remindersProblem(draft: RemindersDraft): string | undefined {
  if (!draft.on) return undefined
  const whole = (text: string, least: number, most: number) =>
    /^\d{1,3}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most
  const right =
    whole(draft.before, 0, MOST_DAYS) && whole(draft.every, 0, MOST_DAYS) && whole(draft.most, 1, MOST)
  return right ? undefined : t('pledge.remind_wrong', { Most: MOST, Days: MOST_DAYS })
}

/** remindersWords says what the fields mean. */
export function remindersWords(draft: RemindersDraft): string {
  if (remindersProblem(draft) || !draft.on) return ''
  const [before, every, most] = [Number(draft.before), Number(draft.every), Number(draft.most)]
  const first = before === 0 ? t('pledge.remind_on_day') : t('pledge.remind_before', { Count: before })
  if (most === 1 || every === 0) return t('pledge.remind_once', { First: first })
  return t('pledge.remind_again', { First: first, Every: every, Count: most })
}
