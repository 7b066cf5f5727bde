// Where a plan or pledge stands, and what happens next, in whole sentences.

import type { Tone } from '@ui/Badge.svelte'
import { formatDate, formatDateTime } from '@lib/dates'
import { formatMoney } from '@lib/money'
import { has, t } from '@lib/t'
import type { Instalment, PledgePart, PromiseLine, SavedCard } from '@api/types'

/** OPEN are the states in which an instalment may still be paid. */
export const OPEN: readonly string[] = [
  'scheduled',
  'due',
  'attempting',
  'unknown',
  'processing',
  'requires_action',
  'retry_wait',
  'failed',
]

/** IN_FLIGHT are those in which money may be moving: nothing about the instalment can change. */
export const IN_FLIGHT: readonly string[] = ['attempting', 'unknown', 'processing']

const ENDED: readonly string[] = ['completed', 'written_off', 'cancelled']

/** isOpen tells whether money may still come of a promise. */
export const isOpen = (promise: Pick<PromiseLine, 'status'>): boolean => !ENDED.includes(promise.status)

const tones: Record<string, Tone> = {
  pending_setup: 'neutral',
  active: 'success',
  paused: 'info',
  past_due: 'warning',
  needs_payment_method: 'danger',
  overdue: 'warning',
  delinquent: 'danger',
  lapsed: 'danger',
  completed: 'success',
  written_off: 'neutral',
  cancelled: 'neutral',
}
export const toneOf = (standing: string): Tone => tones[standing] ?? 'neutral'

/** shownState is the state of an instalment, or "late" when its day has passed and nothing is under way. */
export const shownState = (i: Instalment, today: string): string =>
  i.state === 'scheduled' && i.amount.amount_minor > 0 && i.due_on < today ? 'late' : i.state

/** stateTone colours the state of an instalment. */
export function stateTone(state: string): Tone {
  if (state === 'paid') return 'success'
  if (state === 'failed') return 'danger'
  if (state === 'late' || state === 'retry_wait' || state === 'requires_action') return 'warning'
  return OPEN.includes(state) && state !== 'scheduled' ? 'info' : 'neutral'
}

/** everyWords says how often: "every month", "every 3 months". */
export const everyWords = (unit: PromiseLine['unit'], every: number): string =>
  t(`promises.every.${unit}`, { Count: every })

/** cardWords names a card by what stands on it: "Visa ending in 4242, valid until 4/2030". */
export function cardWords(card: SavedCard | null): string {
  if (!card) return t('promises.no_card')
  const brand = card.brand.charAt(0).toUpperCase() + card.brand.slice(1)
  return t('promises.card', { Brand: brand, Last4: card.last4, Until: `${card.exp_month}/${card.exp_year}` })
}

/** declineWords says why a card was declined: our words for a known code, else the server's, else the code. */
export function declineWords(code: string, words = ''): string {
  if (!code) return ''
  if (has(`decline.${code}`)) return t(`decline.${code}`)
  return words || t('decline.other', { Code: code })
}

/** titleOf names a promise: "$25.00 every month from Ada", "Pledge of $1,200.00 from Ada". */
export function titleOf(promise: PromiseLine): string {
  const Name = promise.donor_name || t('gifts.no_name')
  const Amount = formatMoney(promise.amount)
  return promise.kind === 'plan'
    ? t('promises.title.plan', { Amount, Name, Every: everyWords(promise.unit, promise.every) })
    : t('promises.title.pledge', { Amount, Name })
}

/** whatOf is the short form for lists, without the name. */
export function whatOf(promise: PromiseLine): string {
  const Amount = formatMoney(promise.amount)
  return promise.kind === 'plan'
    ? t('promises.what.plan', { Amount, Every: everyWords(promise.unit, promise.every) })
    : t('promises.what.pledge', { Amount, Count: promise.count ?? 0 })
}

/** standingWords says in a sentence or two where a promise stands and what that means. */
export function standingWords(promise: PromiseLine, today: string): string {
  const { standing, kind, next } = promise
  const parts = [
    first(`promises.standing.${standing}.${kind}`, `promises.standing.${standing}`, {
      Until: promise.paused_until ? formatDate(promise.paused_until) : '',
      Owed: formatMoney(promise.owed),
      Paid: formatMoney(promise.paid),
    }),
  ]
  if (next && isOpen(promise) && !SILENT.includes(standing)) {
    parts.push(declineWords(next.decline_code, next.decline_words), nextWords(promise, next, today))
  }
  return parts.filter(Boolean).join(' ')
}

// Where nothing comes next by itself, whatever the instalment says.
const SILENT = ['needs_payment_method', 'lapsed', 'pending_setup']

function nextWords(promise: PromiseLine, next: NonNullable<PromiseLine['next']>, today: string): string {
  const { state, act_at, due_on } = next
  const values = {
    Amount: formatMoney(next.amount),
    Date: formatDate(due_on),
    At: act_at ? formatDate(act_at) : '',
  }
  if (state !== 'scheduled') return t(`promises.next.${state}`, values)
  const late = due_on < today ? '_late' : ''
  if (promise.method === 'link') return t(`promises.next.link${late}`, values)
  return t(act_at ? 'promises.next.card' : `promises.next.idle${late}`, values)
}

/** stepWords says what happens next by itself about an instalment; empty when nothing does. */
export function stepWords(instalment: Instalment, method: 'card' | 'link'): string {
  const { state, act_at } = instalment
  if (!OPEN.includes(state)) return reasonWords(instalment.reason)
  const values = { Date: act_at ? formatDate(act_at) : '', At: act_at ? formatDateTime(act_at) : '' }
  if (state !== 'scheduled')
    return t(`promises.step.${state}${act_at || state === 'failed' ? '' : '.now'}`, values)
  if (instalment.amount.amount_minor === 0) return t('promises.step.covered')
  if (!act_at) return t('promises.step.nothing')
  return t(method === 'card' ? 'promises.step.charge' : 'promises.step.remind', values)
}

/** reasonWords says why an instalment was closed or opened again: our words for the machine's reasons, else what somebody wrote. */
export function reasonWords(reason: string): string {
  return has(`promises.reason.${reason}`) ? t(`promises.reason.${reason}`) : reason
}

/** partsWords sums up a schedule: how many of how much, and what differs: the last one takes what is left over. */
export function partsWords(parts: readonly PledgePart[]): string {
  const [one] = parts
  const last = parts.at(-1)
  if (!one || !last) return ''
  if (parts.length === 1)
    return t('pledge.parts.single', { Amount: formatMoney(one.amount), Date: formatDate(one.due_on) })
  const values = {
    Count: parts.length,
    Amount: formatMoney(one.amount),
    From: formatDate(one.due_on),
    Until: formatDate(last.due_on),
  }
  if (one.amount.amount_minor === last.amount.amount_minor) return t('pledge.parts.equal', values)
  return t('pledge.parts.remainder', { ...values, Count: parts.length - 1, Last: formatMoney(last.amount) })
}

function first(key: string, otherwise: string, values: Record<string, string>): string {
  return t(has(key) ? key : otherwise, values)
}
