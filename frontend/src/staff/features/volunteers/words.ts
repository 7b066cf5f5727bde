// Words for what the server says in codes about sign-ups, credentials and proposals.

import { has, t } from '@lib/t'
import type { Tone } from '@ui/Badge.svelte'
import type { Ask, Difference, Reason, Refusal, SignUp, SignUpStatus } from './shapes'
import { formatClock, formatDay } from './wall'

export const signUpTones: Record<SignUpStatus, Tone> = {
  held: 'warning',
  confirmed: 'success',
  offered: 'warning',
  in: 'accent',
  done: 'info',
  waiting: 'neutral',
  no_show: 'danger',
  cancelled: 'neutral',
  lapsed: 'neutral',
}

export const answerTones: Record<Ask['answer'], Tone> = {
  asked: 'neutral',
  yes: 'success',
  no: 'info',
  too_late: 'info',
  hindered: 'warning',
}

const PLACED: readonly SignUpStatus[] = ['held', 'confirmed', 'offered', 'in', 'done']

/** placed are the sign-ups that have a place, waitingOf those in line, endedOf all others. */
export const placed = (all: readonly SignUp[]): SignUp[] => all.filter((s) => PLACED.includes(s.status))
export const waitingOf = (all: readonly SignUp[]): SignUp[] =>
  all.filter((s) => s.status === 'waiting').sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
export const endedOf = (all: readonly SignUp[]): SignUp[] =>
  all.filter((s) => !PLACED.includes(s.status) && s.status !== 'waiting')

/** nameOf is who signed up; until the mail is confirmed only what they said. */
export const nameOf = (s: SignUp): string =>
  s.person?.name ||
  (s.requested_name ? t('volunteers.sign_up.unconfirmed', { Name: s.requested_name }) : t('gifts.no_name'))

/** ruleName names a rule of signing up. */
export const ruleName = (rule: string): string =>
  has(`volunteers.rule.${rule}`) ? t(`volunteers.rule.${rule}`) : rule

/** mayOverrule tells whether staff can sign somebody up all the same. */
export const mayOverrule = (refusals: readonly Refusal[]): boolean => refusals.every((r) => r.overridable)

/** overruled lists the rules that have to be named, once each. */
export const overruled = (refusals: readonly Refusal[]): string[] => [...new Set(refusals.map((r) => r.rule))]

/** reasonWords says why somebody is proposed, or what speaks against it. */
export function reasonWords(reason: Reason): string {
  const name = `volunteers.because.${reason.code}`
  if (!has(name)) return ruleName(reason.code)
  return t(name, { Count: reason.number, Words: reason.words.join(', ') })
}

/** validWords says how long a credential holds. */
export const validWords = (months: number): string =>
  months === 0
    ? t('volunteers.kind.for_ever')
    : months % 12 === 0
      ? t('volunteers.kind.years', { Count: months / 12 })
      : t('volunteers.kind.valid_months', { Count: months })

/** differenceWords says what a change was, with times as the place's clock shows them. */
export function differenceWords(d: Difference): { name: string; before: string; after: string } {
  const timed = d.field === 'starts' || d.field === 'ends'
  const say = (value: string) =>
    !value
      ? t('volunteers.difference.nothing')
      : timed
        ? `${formatDay(value)}, ${formatClock(value)}`
        : value.replaceAll('_', ' ')
  return { name: t(`volunteers.difference.${d.field}`), before: say(d.before), after: say(d.after) }
}

/** hoursWords writes minutes as hours: "12.5 h". */
export const hoursWords = (minutes: number): string =>
  t('volunteers.hours_short', {
    Hours: (minutes / 60).toLocaleString(document.documentElement.lang || 'en-US', {
      maximumFractionDigits: 1,
    }),
  })
