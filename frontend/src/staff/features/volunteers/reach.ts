// Who is told of a change: an honest count before it is made.

import { t } from '@lib/t'
import type { Difference, Shift, SignUp, SignUpStatus } from './shapes'

const TOLD: readonly SignUpStatus[] = ['confirmed', 'offered', 'waiting', 'in']

/** reach counts whom a change of the shift concerns, and who of them has an address to write to. */
export function reach(signUps: readonly SignUp[]): { people: number; mailed: number } {
  const all = signUps.filter((s) => s.person && TOLD.includes(s.status))
  return { people: all.length, mailed: all.filter((s) => s.person?.email).length }
}

/** reachWords says how many will be told by mail, and how many have to be called. */
export function reachWords(signUps: readonly SignUp[]): string {
  const { people, mailed } = reach(signUps)
  if (people === 0) return t('volunteers.told.nobody')
  const told = t('volunteers.told.people', { Count: mailed })
  const rest = people - mailed
  return rest > 0 ? `${told} ${t('volunteers.told.no_mail', { Count: rest })}` : told
}

/** reachOfSeries says it for this shift and those of its series that follow. Of those only counts are known: of people with a place, and of sign-ups in line. */
export function reachOfSeries(shifts: readonly Shift[]): string {
  const anybody = shifts.some((s) => s.taken > 0 || s.waiting > 0)
  return t(anybody ? 'volunteers.told.series' : 'volunteers.told.series_nobody', { Count: shifts.length })
}

export type Facts = Pick<Shift, 'starts_local' | 'ends_local' | 'zone' | 'meeting_point' | 'title'>

/** differencesOf lists what volunteers have to know of a change; how many places there are is not among it. */
export function differencesOf(before: Facts, after: Facts): Difference[] {
  const all: Difference[] = [
    { field: 'starts', before: before.starts_local, after: after.starts_local },
    { field: 'ends', before: before.ends_local, after: after.ends_local },
    { field: 'zone', before: before.zone, after: after.zone },
    { field: 'place', before: before.meeting_point, after: after.meeting_point.trim() },
    { field: 'title', before: before.title, after: after.title.trim() },
  ]
  return all.filter((d) => d.before !== d.after)
}
