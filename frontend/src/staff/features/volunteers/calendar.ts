// The calendar: what the address says is shown, and the shifts as the calendar draws them.

import { addDays } from '@lib/dates'
import type { Range, ShiftFilters } from './queries'
import type { Shift } from './shapes'
import { clockOf, dayOf, mondayOf, moveWall } from './wall'

export const VIEWS = ['day', 'week', 'list'] as const
export type View = (typeof VIEWS)[number]

/** LIST_DAYS is how many days the list shows. */
export const LIST_DAYS = 14

export interface Shown {
  view: View
  /** at is the wall time that is looked at: the day, and where the day's hours are scrolled to */
  at: string
  filters: ShiftFilters
}

/** shownOf reads the address; on a phone the list is what is shown unless something else is chosen. */
export function shownOf(query: URLSearchParams, phone: boolean, now: string): Shown {
  const view = VIEWS.find((v) => v === query.get('view')) ?? (phone ? 'list' : 'week')
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/.exec(query.get('at') ?? '')?.[0]
  return {
    view,
    at: at ? (at.length === 10 ? `${at}T08:00` : at) : now,
    filters: {
      opportunity: query.get('opportunity') ?? '',
      role: query.get('role') ?? '',
      unfilled: query.get('unfilled') === 'yes',
    },
  }
}

/** rangeOf is which days a view shows. */
export function rangeOf({ view, at }: Pick<Shown, 'view' | 'at'>): Range {
  const day = dayOf(at)
  if (view === 'day') return { from: day, until: addDays(day, 1) }
  if (view === 'list') return { from: day, until: addDays(day, LIST_DAYS) }
  const monday = mondayOf(day)
  return { from: monday, until: addDays(monday, 7) }
}

/** turn moves to the next or the previous page of the view. */
export function turn({ view, at }: Pick<Shown, 'view' | 'at'>, by: 1 | -1): string {
  const days = view === 'day' ? 1 : view === 'week' ? 7 : LIST_DAYS
  return `${addDays(dayOf(at), by * days)}T${clockOf(at)}`
}

/** jump moves by hours, also over midnight. */
export const jump = (at: string, hours: number): string => moveWall(at, hours * 60)

/** titleOf names a shift: the opportunity, and what tells it from others of the same. */
export const titleOf = (shift: Pick<Shift, 'opportunity_title' | 'title'>): string =>
  [shift.opportunity_title, shift.title].filter(Boolean).join(' · ')

/** byDay groups shifts by the day they start on, in the order of time. */
export function byDay(shifts: readonly Shift[]): { day: string; shifts: Shift[] }[] {
  const days = new Map<string, Shift[]>()
  const inOrder = [...shifts].sort(
    (a, b) => a.starts_local.localeCompare(b.starts_local) || titleOf(a).localeCompare(titleOf(b)),
  )
  for (const shift of inOrder) {
    const day = dayOf(shift.starts_local)
    days.set(day, [...(days.get(day) ?? []), shift])
  }
  return [...days].map(([day, found]) => ({ day, shifts: found }))
}

export interface CalendarEvent {
  id: string
  start: string
  end: string
  title: string
  className: string
  editable: boolean
  extendedProps: { shift: Shift }
}

/** eventOf is a shift as the calendar draws it, at its own wall time and in the colour of how full it is. */
export function eventOf(shift: Shift, mayMove: boolean, now: string): CalendarEvent {
  return {
    id: shift.id,
    start: `${shift.starts_local}:00`,
    end: `${shift.ends_local}:00`,
    title: titleOf(shift),
    className: `fill-${shift.fill}`,
    // What is over stays where it was.
    editable: mayMove && shift.status === 'open' && shift.ends_at > now,
    extendedProps: { shift },
  }
}

/** rolesOf lists the roles there are, for a filter. */
export const rolesOf = (opportunities: readonly { role: string }[]): string[] =>
  [...new Set(opportunities.map((o) => o.role).filter(Boolean))].sort((a, b) => a.localeCompare(b))
