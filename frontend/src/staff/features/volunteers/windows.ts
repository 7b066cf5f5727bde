// When people may sign up for a shift and cancel, counted back from its start: numbers as they are typed, with a unit of words.

import { t } from '@lib/t'

export const UNITS = ['minutes', 'hours', 'days'] as const
export type Unit = (typeof UNITS)[number]

const MINUTES: Record<Unit, number> = { minutes: 1, hours: 60, days: 24 * 60 }

/** Span is a length of time as it is typed. */
export interface Span {
  number: string
  unit: Unit
}

export interface WindowDraft {
  /** opens: at once, or so long before the start */
  at_once: boolean
  opens: Span
  closes: Span
  /** late allows signing up after the start, for whoever comes later */
  late: boolean
  cancel: Span
}

/** Window is how the server says it. */
export interface Window {
  opens_before_hours?: number
  closes_before_minutes: number
  cancel_before_minutes: number
}

/** spanOf writes minutes in the largest unit that divides them. */
export function spanOf(minutes: number): Span {
  const unit = [...UNITS].reverse().find((u) => minutes > 0 && minutes % MINUTES[u] === 0) ?? 'hours'
  return { number: String(minutes / MINUTES[unit]), unit }
}

/** minutesOf reads a span; undefined when it is no whole number. */
export function minutesOf({ number, unit }: Span): number | undefined {
  return /^\d{1,6}$/.test(number.trim()) ? Number(number) * MINUTES[unit] : undefined
}

/** windowDraft fills the fields from what is saved. */
export function windowDraft(window: Window): WindowDraft {
  const opens = window.opens_before_hours
  return {
    at_once: opens === undefined,
    opens: opens === undefined ? { number: '14', unit: 'days' } : spanOf(opens * 60),
    late: window.closes_before_minutes < 0,
    closes: spanOf(Math.abs(window.closes_before_minutes)),
    cancel: spanOf(window.cancel_before_minutes),
  }
}

/** windowOf reads what windowProblems found nothing wrong with. */
export function windowOf(draft: WindowDraft): Window {
  const closes = minutesOf(draft.closes) ?? 0
  return {
    ...(draft.at_once ? {} : { opens_before_hours: Math.round((minutesOf(draft.opens) ?? 0) / 60) }),
    closes_before_minutes: draft.late && closes > 0 ? -closes : closes,
    cancel_before_minutes: minutesOf(draft.cancel) ?? 0,
  }
}

const YEAR = 366 * 24 * 60
const LATEST = 12 * 60

/** windowProblems says what is wrong with the fields, by the server's names. */
export function windowProblems(draft: WindowDraft): Record<string, string | undefined> {
  const opens = minutesOf(draft.opens)
  const closes = minutesOf(draft.closes)
  const cancel = minutesOf(draft.cancel)
  return {
    opens_before_hours:
      draft.at_once || (opens !== undefined && opens >= 60 && opens <= YEAR && opens % 60 === 0)
        ? undefined
        : t('volunteers.window.opens_wrong'),
    closes_before_minutes:
      closes === undefined || closes > (draft.late ? LATEST : YEAR)
        ? t(draft.late ? 'volunteers.window.late_wrong' : 'volunteers.window.wrong')
        : !draft.late && !draft.at_once && opens !== undefined && closes >= opens
          ? t('volunteers.window.never_open')
          : undefined,
    cancel_before_minutes: cancel === undefined || cancel > YEAR ? t('volunteers.window.wrong') : undefined,
  }
}

const spanWords = (minutes: number) => {
  const { number, unit } = spanOf(minutes)
  return t(`volunteers.span.${unit}`, { Count: Number(number) })
}

/** windowWords says the window in sentences. */
export function windowWords(window: Window): string[] {
  const { opens_before_hours: opens, closes_before_minutes: closes, cancel_before_minutes: cancel } = window
  return [
    opens
      ? t('volunteers.window.opens', { Span: spanWords(opens * 60) })
      : t('volunteers.window.opens_at_once'),
    closes === 0
      ? t('volunteers.window.closes_at_start')
      : closes > 0
        ? t('volunteers.window.closes', { Span: spanWords(closes) })
        : t('volunteers.window.closes_after', { Span: spanWords(-closes) }),
    cancel === 0
      ? t('volunteers.window.cancel_at_start')
      : t('volunteers.window.cancel', { Span: spanWords(cancel) }),
  ]
}
