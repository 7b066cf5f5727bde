// A rule by which shifts repeat: as it is chosen, as RFC 5545 writes it, and in words.

import { t } from '@lib/t'
import { formatDay } from './wall'

/** DAYS are the weekdays as RFC 5545 names them, Monday first. */
export const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Day = (typeof DAYS)[number]

export const NTHS = ['1', '2', '3', '4', '5'] as const

export interface Repeat {
  /** often: once, each or every other week, or a weekday of the month */
  often: 'once' | 'week' | 'fortnight' | 'month'
  days: Day[]
  /** nth weekdays of the month: "1" and "3" with nthDay MO is every first and third Monday */
  nths: string[]
  nthDay: Day
  ends: 'open' | 'until' | 'count'
  until: string
  count: string
}

/** MOST is how many shifts one rule makes at once. */
export const MOST = 400

/** weekdayOf names the weekday of a calendar day. */
export const weekdayOf = (day: string): Day =>
  DAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'MO'

/** nthOf tells the how-manieth of its weekday in the month a day is. */
export const nthOf = (day: string): string => String(Math.ceil(Number(day.slice(8, 10)) / 7))

/** noRepeat is a shift that happens once; its rule would begin with the day it is on. */
export const noRepeat = (day: string): Repeat => ({
  often: 'once',
  days: [weekdayOf(day)],
  nths: [nthOf(day)],
  nthDay: weekdayOf(day),
  ends: 'count',
  until: '',
  count: '10',
})

/** follow moves what was only taken from the first day along with it. */
export function follow(repeat: Repeat, from: string, to: string): Repeat {
  const untouched = repeat.days.length === 1 && repeat.days[0] === weekdayOf(from)
  const sameNth =
    repeat.nths.length === 1 && repeat.nths[0] === nthOf(from) && repeat.nthDay === weekdayOf(from)
  return {
    ...repeat,
    ...(untouched ? { days: [weekdayOf(to)] } : {}),
    ...(sameNth ? { nths: [nthOf(to)], nthDay: weekdayOf(to) } : {}),
  }
}

/** ruleOf is the rule as RFC 5545 writes it, without its start; '' for a shift that happens once. */
export function ruleOf(repeat: Repeat): string {
  if (repeat.often === 'once') return ''
  const parts =
    repeat.often === 'month'
      ? ['FREQ=MONTHLY', `BYDAY=${sorted(repeat.nths, NTHS).map((n) => n + repeat.nthDay)}`]
      : [
          'FREQ=WEEKLY',
          ...(repeat.often === 'fortnight' ? ['INTERVAL=2'] : []),
          `BYDAY=${sorted(repeat.days, DAYS)}`,
        ]
  if (repeat.ends === 'count') parts.push(`COUNT=${Number(repeat.count)}`)
  // The last day counts in whole: the rule is in the time of the place and has no zone.
  if (repeat.ends === 'until') parts.push(`UNTIL=${repeat.until.replaceAll('-', '')}T235959`)
  return parts.join(';')
}

/** repeatProblems says what is wrong with the rule for a first shift on a day. */
export function repeatProblems(repeat: Repeat, first: string): Record<string, string | undefined> {
  if (repeat.often === 'once') return {}
  const count = /^\d{1,3}$/.test(repeat.count.trim()) ? Number(repeat.count) : 0
  return {
    days:
      repeat.often !== 'month' && repeat.days.length === 0 ? t('volunteers.repeat.days_missing') : undefined,
    nths:
      repeat.often === 'month' && repeat.nths.length === 0 ? t('volunteers.repeat.nths_missing') : undefined,
    until:
      repeat.ends !== 'until'
        ? undefined
        : !repeat.until
          ? t('day.missing')
          : repeat.until < first
            ? t('volunteers.repeat.until_wrong')
            : undefined,
    count:
      repeat.ends === 'count' && (count < 1 || count > MOST)
        ? t('volunteers.repeat.count_wrong', { Count: MOST })
        : undefined,
  }
}

/** dayName is a weekday in the reader's language; 5 January 2026 was a Monday. */
export function dayName(day: Day, style: 'long' | 'short' = 'long'): string {
  const date = new Date(Date.UTC(2026, 0, 5 + DAYS.indexOf(day)))
  return new Intl.DateTimeFormat(document.documentElement.lang || 'en-US', {
    weekday: style,
    timeZone: 'UTC',
  }).format(date)
}

const listed = (words: string[]) =>
  new Intl.ListFormat(document.documentElement.lang || 'en-US', { type: 'conjunction' }).format(words)

const sorted = <T extends string>(chosen: readonly T[], order: readonly string[]): T[] =>
  [...new Set(chosen)].sort((a, b) => order.indexOf(a) - order.indexOf(b))

/** repeatWords says the rule: "Every other week on Monday and Thursday, 10 times". */
export function repeatWords(repeat: Repeat): string {
  if (repeat.often === 'once') return t('volunteers.repeat.once')
  const days =
    repeat.often === 'month'
      ? t('volunteers.repeat.words.month', {
          Nth: listed(sorted(repeat.nths, NTHS).map((n) => t(`volunteers.repeat.nth.${n}`))),
          Day: dayName(repeat.nthDay),
        })
      : t(`volunteers.repeat.words.${repeat.often}`, {
          Days: listed(sorted(repeat.days, DAYS).map((d) => dayName(d))),
        })
  const end =
    repeat.ends === 'open'
      ? t('volunteers.repeat.words.open')
      : repeat.ends === 'until'
        ? t('volunteers.repeat.words.until', { Date: repeat.until ? formatDay(repeat.until) : '…' })
        : t('volunteers.repeat.words.count', { Count: Number(repeat.count) || 0 })
  return `${days}, ${end}`
}
