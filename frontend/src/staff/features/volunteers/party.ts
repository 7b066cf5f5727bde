// How many come on one sign-up: whoever signed up, and those they bring.

import { t } from '@lib/t'
import type { ShiftDetail, SignUp } from './shapes'

/** MOST is how many may come on one sign-up anywhere. */
const MOST = 50

/** peopleOf reads how many come; undefined when it is no number that can be. */
export function peopleOf(text: string): number | undefined {
  const people = /^\d{1,2}$/.test(text.trim()) ? Number(text) : 0
  return people >= 1 && people <= MOST ? people : undefined
}

/** withOthers names somebody with those they bring: "Ana Ruiz and 3 others". */
export const withOthers = (name: string, party: number): string =>
  party > 1 ? `${name} ${t('volunteers.party.others', { Count: party - 1 })}` : name

/** resizable tells whether it makes sense to ask how many come: where somebody brings others, or may. */
export const resizable = (shift: Pick<ShiftDetail, 'opportunity'>, { status, party }: SignUp): boolean =>
  ['confirmed', 'offered', 'in', 'waiting'].includes(status) &&
  (party > 1 || (shift.opportunity.party_max > 1 && shift.opportunity.requirements.length === 0))

/** headcount is how many people sign-ups are. */
export const headcount = (all: readonly { party: number }[]): number => all.reduce((n, s) => n + s.party, 0)
