// When instalments are due and how an amount is divided, exactly as the server does it (domain/promise). Both sides are tested against the
// same table, schedule.json. Dates are calendar days, "2026-11-22": they have no zone.

import type { Currency } from './amount'

export interface Schedule {
  unit: 'week' | 'month' | 'year'
  every: number
  first: string
}

/** due is the date of the n-th instalment, counted from the first one so that the 31st comes back after February. */
export function due({ unit, every, first }: Schedule, n: number): string {
  const [year = 0, month = 0, dayOfMonth = 0] = first.split('-').map(Number)
  const steps = (n - 1) * every
  if (unit === 'week') return day(Date.UTC(year, month - 1, dayOfMonth + 7 * steps))
  const months = month - 1 + (unit === 'year' ? 12 * steps : steps)
  const last = new Date(Date.UTC(year, months + 1, 0)).getUTCDate()
  return day(Date.UTC(year, months, Math.min(dayOfMonth, last)))
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** today is the date where the donor is, n days later. */
export function today(n = 0): string {
  const now = new Date()
  return day(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + n))
}

/** monthly is a schedule of every month from that day on. */
export function monthly(first: string): Schedule {
  return { unit: 'month', every: 1, first }
}

export interface Part {
  due: string
  minor: number
}

/** MOST is how many parts there may be. */
export const MOST = 120

/** divide makes equal parts in whole steps of the currency, the rest in the last one; or says what is wrong with them. */
export function divide(
  total: number,
  count: number,
  schedule: Schedule,
  currency: Currency,
): Part[] | 'small' | 'large' {
  const share = Math.floor(total / count)
  const each = share - (share % currency.step)
  const last = total - each * (count - 1)
  if (each < currency.least) return 'small'
  if (last > currency.most) return 'large'
  return Array.from({ length: count }, (_, i) => ({
    due: due(schedule, i + 1),
    minor: i + 1 < count ? each : last,
  }))
}

const intervals = {
  week: { unit: 'week', every: 1 },
  month: { unit: 'month', every: 1 },
  quarter: { unit: 'month', every: 3 },
  year: { unit: 'year', every: 1 },
} as const

/** Interval is how far apart the parts of a pledge are, as the form calls it. */
export type Interval = keyof typeof intervals

/** INTERVALS are the choices of the form. */
export const INTERVALS = Object.keys(intervals) as Interval[]

/** every is the schedule of an interval; an unknown one is monthly. */
export function every(interval: string, first: string): Schedule {
  return { ...(intervals[interval as Interval] ?? intervals.month), first }
}

function language(): string {
  return document.documentElement.lang || 'en'
}

/** longDate writes a date as the page does: "December 22, 2026". */
export function longDate(date: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  )
}

/** ordinal is the form in which the catalogue writes n as a place in a row: "two" for the 22nd. */
export function ordinal(n: number): Intl.LDMLPluralRule {
  return new Intl.PluralRules(language(), { type: 'ordinal' }).select(n)
}

/** zone is the donor's time zone, in whose mornings later charges come; empty when the browser does not tell. */
export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || ''
}
