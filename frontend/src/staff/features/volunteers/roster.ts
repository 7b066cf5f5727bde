// The printed roster: shifts by role, and the lines of each.

import { t } from '@lib/t'
import { titleOf } from './calendar'
import { placeWords } from './draft'
import { headcount } from './party'
import type { ShiftDetail, SignUp } from './shapes'
import { formatSpan, zoneName } from './wall'
import { nameOf, placed } from './words'

export interface Line {
  id: string
  name: string
  party: number
  phone: string
  note: string
}

export interface Sheet {
  id: string
  title: string
  when: string
  where: string
  lines: Line[]
  /** free is how many empty lines are left for whoever walks in */
  free: number
}

/** byRole groups shifts by what one does, roles in the order of the alphabet, those without one last. */
export function byRole(shifts: readonly ShiftDetail[]): { role: string; shifts: ShiftDetail[] }[] {
  const roles = new Map<string, ShiftDetail[]>()
  const inOrder = [...shifts].sort(
    (a, b) => a.starts_at.localeCompare(b.starts_at) || titleOf(a).localeCompare(titleOf(b)),
  )
  for (const shift of inOrder) roles.set(shift.role, [...(roles.get(shift.role) ?? []), shift])
  return [...roles]
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b)))
    .map(([role, of]) => ({ role, shifts: of }))
}

/** LEAST_EMPTY lines stand under every shift, for walk-ins. */
const LEAST_EMPTY = 2
const MOST_EMPTY = 6

/** sheetOf is one shift as it is printed: who has a place, by name, and lines for those who walk in. */
export function sheetOf(shift: ShiftDetail): Sheet {
  const coming = placed(shift.sign_ups).filter((s) => s.status !== 'held')
  const lines = coming
    .map((s) => ({
      id: s.id,
      name: nameOf(s),
      party: s.party,
      phone: s.person?.phone ?? '',
      note: noteOf(s),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
  return {
    id: shift.id,
    title: titleOf(shift),
    when: `${formatSpan(shift.starts_local, shift.ends_local)} ${zoneName(shift.zone, shift.starts_at)}`,
    where: [placeWords(shift.opportunity.place), shift.meeting_point].filter(Boolean).join(' · '),
    lines,
    free: Math.max(LEAST_EMPTY, Math.min(MOST_EMPTY, shift.places - headcount(coming))),
  }
}

function noteOf(s: SignUp): string {
  if (s.status === 'offered') return t('volunteers.sign_up.offered')
  if (s.over === 0) return ''
  return s.over < s.party
    ? t('volunteers.sign_up.over_some', { Count: s.over })
    : t('volunteers.sign_up.over')
}
