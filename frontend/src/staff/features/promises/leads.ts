// What an action will do, said exactly and before it is done.

import { formatDate } from '@lib/dates'
import { formatMoney, parseMinor } from '@lib/money'
import { t } from '@lib/t'
import type { Chosen } from './actions'
import type { PromiseDetail } from '@api/types'
import { aboutOf, isDayOfMonth, type Draft } from './draft'
import { cardWords, everyWords, IN_FLIGHT } from './words'

/** leadOf lists the sentences that stand above the fields; they follow what is entered. */
export function leadOf(promise: PromiseDetail, chosen: Chosen, draft: Draft, today: string): string[] {
  const moving = promise.instalments.some((i) => IN_FLIGHT.includes(i.state))
  const words = sentences(promise, chosen, draft, today)
  const stays = moving && ['pause', 'amount', 'day', 'cancel'].includes(chosen.name)
  return [...words, stays ? t('promises.lead.moving') : '', toldWords(promise, chosen)].filter(Boolean)
}

// Every change is mailed to the donor, but for those that are themselves a mail, and a charge, which brings a receipt.
function toldWords(promise: PromiseDetail, { name }: Chosen): string {
  if (name === 'card-link' || name === 'remind' || name === 'charge' || promise.status === 'pending_setup')
    return ''
  return promise.donor_email
    ? t('promises.lead.told', { Email: promise.donor_email })
    : t('promises.lead.not_told')
}

function sentences(promise: PromiseDetail, chosen: Chosen, draft: Draft, today: string): string[] {
  const about = aboutOf(promise, chosen)
  const values = {
    Amount: formatMoney(about?.amount ?? promise.next?.amount ?? promise.amount),
    Date: promise.next ? formatDate(promise.next.due_on) : '',
    N: about?.n ?? 0,
    Owed: formatMoney(promise.owed),
    Paid: formatMoney(promise.paid),
  }
  switch (chosen.name) {
    case 'pause':
      return [t('promises.lead.pause'), leftOut(promise, draft.until)]
    case 'skip':
      return [t('promises.lead.skip', values), after(promise, promise.next?.due_on ?? today)]
    case 'amount':
      return [amountLead(promise, draft)]
    case 'day':
      return dayLead(promise, draft, today)
    case 'charge':
      return [t('promises.lead.charge', { ...values, Card: cardWords(promise.card) })]
    case 'remind':
      return [t('promises.lead.remind', values), remindersSoFar(about?.reminders ?? 0)]
    case 'move':
      return [t('promises.lead.move', { ...values, Date: about ? formatDate(about.due_on) : '' })]
    case 'reschedule':
      return [t('promises.lead.reschedule', values)]
    case 'cancel':
      return [t(`promises.lead.cancel.${promise.kind}`, values)]
    default:
      return [t(`promises.lead.${chosen.name}`, values)]
  }
}

const datesOf = (promise: PromiseDetail): string[] =>
  [...new Set([promise.next?.due_on ?? '', ...promise.upcoming.map((u) => u.due_on)])].filter(Boolean).sort()

function leftOut(promise: PromiseDetail, until: string): string {
  if (!until) return ''
  const dates = datesOf(promise)
  const out = dates.filter((d) => d < until)
  const then = dates.find((d) => d >= until)
  if (!then) return ''
  if (out.length === 0) return t('promises.lead.pause_none', { Date: formatDate(then) })
  return t('promises.lead.pause_out', {
    Count: out.length,
    Dates: out.map(formatDate).join(' · '),
    Date: formatDate(then),
  })
}

function after(promise: PromiseDetail, day: string): string {
  const then = datesOf(promise).find((d) => d > day)
  return then ? t('promises.lead.then', { Date: formatDate(then) }) : ''
}

function amountLead(promise: PromiseDetail, draft: Draft): string {
  const { currency } = promise.amount
  const parsed = parseMinor(draft.amount, currency)
  return t('promises.lead.amount', {
    Before: formatMoney(promise.amount),
    After: parsed.ok ? formatMoney({ amount_minor: parsed.minor, currency }) : '…',
    Every: everyWords(promise.unit, promise.every),
    Date: promise.next ? formatDate(promise.next.due_on) : '',
  })
}

function dayLead(promise: PromiseDetail, draft: Draft, today: string): string[] {
  if (!promise.next || !isDayOfMonth(draft.day)) return [t('promises.lead.day')]
  const wanted = Number(draft.day)
  const moved = movedTo(promise.next.due_on, wanted, today)
  return [
    t('promises.lead.day'),
    t('promises.lead.day_next', { Before: formatDate(promise.next.due_on), After: formatDate(moved) }),
    wanted > 28 ? t('promises.lead.day_short', { Day: wanted }) : '',
  ]
}

/** movedTo is the first such day of a month after today, in or after the month the charge was due in. */
export function movedTo(due: string, wanted: number, today: string): string {
  let year = Number(due.slice(0, 4))
  let month = Number(due.slice(5, 7))
  for (;;) {
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
    const day = `${year}-${String(month).padStart(2, '0')}-${String(Math.min(wanted, last)).padStart(2, '0')}`
    if (day > today) return day
    month += 1
    if (month > 12) [year, month] = [year + 1, 1]
  }
}

const remindersSoFar = (count: number) =>
  count > 0 ? t('promises.lead.reminded', { Count: count }) : t('promises.lead.never_reminded')
