// A shift as its form holds it.

import { addDays } from '@lib/dates'
import { t } from '@lib/t'
import type { Shift } from './shapes'
import { clockOf, dayOf, minutesBetween, wallAt } from './wall'
import { windowDraft, windowOf, windowProblems, type Window, type WindowDraft } from './windows'

export interface ShiftDraft {
  title: string
  meeting_point: string
  day: string
  start: string
  end_day: string
  end: string
  zone: string
  places: string
  window: WindowDraft
}

/** ShiftFields are what is sent of a shift. */
export interface ShiftFields {
  title: string
  meeting_point: string
  starts_local: string
  ends_local: string
  zone: string
  places: number
  window: Window
}

/** FIELDS are the names the server uses in its problems. */
export const FIELDS = [
  'title',
  'meeting_point',
  'starts_local',
  'ends_local',
  'zone',
  'places',
  'opens_before_hours',
  'closes_before_minutes',
  'cancel_before_minutes',
  'message',
  'scope',
  'repeat',
  'days',
  'nths',
  'until',
  'count',
  'opportunity_id',
] as const

/** newShift is a morning with some places, on a day. */
export const newShift = (day: string, zone: string, window: Window): ShiftDraft => ({
  title: '',
  meeting_point: '',
  day,
  start: '09:00',
  end_day: day,
  end: '12:00',
  zone,
  places: '4',
  window: windowDraft(window),
})

/** draftOfShift fills the form from a shift, or from where it was dragged to. */
export const draftOfShift = (
  shift: Shift,
  starts = shift.starts_local,
  ends = shift.ends_local,
): ShiftDraft => ({
  title: shift.title,
  meeting_point: shift.meeting_point,
  day: dayOf(starts),
  start: clockOf(starts),
  end_day: dayOf(ends),
  end: clockOf(ends),
  zone: shift.zone,
  places: String(shift.places),
  window: windowDraft(shift),
})

/** moveDay moves the first day, and the last along with it. */
export function moveDay(draft: ShiftDraft, day: string): void {
  const nights =
    draft.day && draft.end_day ? minutesBetween(`${draft.day}T00:00`, `${draft.end_day}T00:00`) / 1440 : 0
  draft.day = day
  if (day) draft.end_day = addDays(day, Math.max(0, nights))
}

/** fieldsOfShift is what is sent. */
export const fieldsOfShift = (d: ShiftDraft): ShiftFields => ({
  title: d.title.trim(),
  meeting_point: d.meeting_point.trim(),
  starts_local: wallAt(d.day, d.start),
  ends_local: wallAt(d.end_day, d.end),
  zone: d.zone,
  places: Number(d.places) || 0,
  window: windowOf(d.window),
})

const LONGEST = 48 * 60

/** shiftProblems says what is wrong with the fields, by the server's names. */
export function shiftProblems(d: ShiftDraft): Record<string, string | undefined> {
  const [starts, ends] = [wallAt(d.day, d.start), wallAt(d.end_day, d.end)]
  const minutes = starts && ends ? minutesBetween(starts, ends) : undefined
  return {
    starts_local: starts ? undefined : t('volunteers.shift.start_missing'),
    ends_local:
      minutes === undefined
        ? ends
          ? undefined
          : t('volunteers.shift.end_missing')
        : minutes <= 0
          ? t('volunteers.shift.end_wrong')
          : minutes > LONGEST
            ? t('volunteers.shift.too_long')
            : undefined,
    places:
      /^\d{1,5}$/.test(d.places.trim()) && Number(d.places) >= 1 && Number(d.places) <= 10_000
        ? undefined
        : t('volunteers.shift.places_wrong'),
    ...windowProblems(d.window),
  }
}
