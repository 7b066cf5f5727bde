// What somebody enters for an action, and what is wrong with it.

import { addDays } from '@lib/dates'
import { decimalText } from '@lib/money'
import { t } from '@lib/t'
import { amountProblem } from '../gifts/amount'
import type { Chosen } from './actions'
import type { Instalment, PromiseDetail } from '@api/types'
import { draftPlan, planProblems, type PlanDraft } from './plan'

export interface Draft {
  until: string
  amount: string
  cover: boolean
  day: string
  due: string
  reason: string
  plan: PlanDraft
}

/** FIELDS are the names of what the server may refuse. */
export const FIELDS = [
  'until',
  'amount',
  'day',
  'due_on',
  'reason',
  'count',
  'every',
  'unit',
  'first_on',
] as const

/** aboutOf finds the instalment an action is about, as it is now. */
export const aboutOf = (promise: PromiseDetail, chosen: Chosen): Instalment | undefined =>
  promise.instalments.find((i) => i.id === chosen.instalment)

/** draftOf is what the fields begin with. */
export function draftOf(promise: PromiseDetail, chosen: Chosen, today: string): Draft {
  const about = aboutOf(promise, chosen)
  const due = about && about.due_on > today ? about.due_on : addDays(today, 30)
  return {
    until: '',
    amount: decimalText(promise.amount.amount_minor, promise.amount.currency),
    cover: promise.cover.amount_minor > 0,
    day: String(Number((promise.next?.due_on ?? today).slice(8))),
    due,
    reason: '',
    plan: draftPlan(addDays(today, 30)),
  }
}

/** problemsOf says what is wrong with the fields that the action uses. */
export function problemsOf(
  promise: PromiseDetail,
  { name }: Chosen,
  draft: Draft,
  today: string,
): Record<string, string | undefined> {
  switch (name) {
    case 'pause':
      return { until: untilProblem(draft.until, today) }
    case 'amount':
      return { amount: amountProblem(draft.amount, promise.amount.currency) }
    case 'day':
      return { day: isDayOfMonth(draft.day) ? undefined : t('promises.day_wrong') }
    case 'move':
      return { due_on: !draft.due ? t('day.missing') : draft.due < today ? t('promises.past') : undefined }
    case 'waive':
    case 'write-off':
      return { reason: draft.reason.trim() ? undefined : t('receipt.reason_missing') }
    case 'reschedule':
      return planProblems(draft.plan, today)
    default:
      return {}
  }
}

/** isDayOfMonth tells a day between 1 and 31 in what was typed. */
export const isDayOfMonth = (text: string): boolean => /^([1-9]|[12]\d|3[01])$/.test(text.trim())

function untilProblem(until: string, today: string): string | undefined {
  if (!until) return t('day.missing')
  return until > today && until <= addDays(today, 366) ? undefined : t('promises.until_wrong')
}
