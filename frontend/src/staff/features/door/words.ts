// How the door speaks of shifts and of people.

import { t } from '@lib/t'
import { timeOf } from '../hours/length'
import { withOthers } from '../volunteers/party'
import { clockOf } from '../volunteers/wall'
import type { DoorShift } from '@api/types'
import { workedOf, type Line } from './board'
import { clockIn } from './moment'
import type { Action } from './queue'

/** spanOf writes "09:00–12:00", by the clock at the place. */
export const spanOf = (shift: Pick<DoorShift, 'starts_local' | 'ends_local'>): string =>
  `${clockOf(shift.starts_local)}–${clockOf(shift.ends_local)}`

/** shiftWords names a shift in one line. */
export function shiftWords(shift: DoorShift): string {
  const what = [shift.opportunity_title, shift.title].filter(Boolean).join(': ')
  const words = `${spanOf(shift)} ${what}`
  return shift.status === 'cancelled' ? t('door.shift.cancelled', { Shift: words }) : words
}

/** standing says in a few words how somebody stands: "In since 09:02". */
export function standing(line: Line, zone: string): string {
  const since = line.checked_in_at ? clockIn(line.checked_in_at, zone) : ''
  const until = line.checked_out_at ? clockIn(line.checked_out_at, zone) : ''
  switch (line.status) {
    case 'in':
      return t('door.is.in', { Time: since })
    case 'done':
      return t('door.is.done', { From: since, Until: until, Hours: timeOf(workedOf(line), line.party) })
    default:
      return t(`door.is.${line.status}`)
  }
}

/** whatWas names a step that waits or was refused: "Check in Ada Lovelace". */
export function whatWas(action: Action): string {
  const { name, party = 1 } = action
  if (action.step === 'count') return t('door.step.count', { Name: name, Count: party })
  const step = action.step === 'undo' ? `undo_${action.undoes ?? 'in'}` : action.step
  return t(`door.step.${step}`, { Name: withOthers(name, party) })
}

/** didWords says what was done: "Ada Lovelace is in.", "Ada Lovelace and 3 others are out: 2 h × 4 people." */
export const didWords = (step: 'in' | 'out' | 'walk_in', name: string, party: number, minutes = 0): string =>
  t(party > 1 ? `door.did.${step}_party` : `door.did.${step}`, {
    Name: withOthers(name, party),
    Hours: timeOf(minutes, party),
  })

/** alike tells whether another person on the list has the same name, so that something more must tell them apart. */
export function alike(lines: readonly Line[]): Set<string> {
  const people = new Map<string, Set<string>>()
  for (const line of lines) {
    const name = line.name.toLowerCase()
    people.set(name, (people.get(name) ?? new Set()).add(line.person_id))
  }
  return new Set([...people].filter(([, ids]) => ids.size > 1).map(([name]) => name))
}
