// A schedule as somebody fills it in: how many, how often, from when on.

import { t } from '@lib/t'
import type { Option } from '@ui/Select.svelte'
import type { NewPledge } from '@api/types'
import { everyWords } from './words'

type Unit = NewPledge['unit']

export interface PlanDraft {
  count: string
  /** often is a choice of OFTEN: "month-3" */
  often: string
  first: string
}

const OFTEN: readonly [Unit, number][] = [
  ['week', 1],
  ['week', 2],
  ['month', 1],
  ['month', 2],
  ['month', 3],
  ['month', 6],
  ['year', 1],
]

export const MOST_PARTS = 120

/** oftenOptions are the intervals to choose from, in words. */
export const oftenOptions = (): Option[] =>
  OFTEN.map(([unit, every]) => ({ value: `${unit}-${every}`, label: sentence(everyWords(unit, every)) }))

/** draftPlan is what a schedule begins with: twelve months. */
export const draftPlan = (first: string): PlanDraft => ({ count: '12', often: 'month-1', first })

/** planOf reads a schedule that planProblems found nothing wrong with. */
export function planOf(draft: PlanDraft): { count: number; unit: Unit; every: number; first_on: string } {
  const [unit = 'month', every = '1'] = draft.often.split('-')
  return { count: Number(draft.count), unit: unit as Unit, every: Number(every), first_on: draft.first }
}

/** planProblems says what is wrong with a schedule; a first day before the earliest is refused. */
export function planProblems(draft: PlanDraft, earliest: string): Record<string, string | undefined> {
  const count = /^\d{1,3}$/.test(draft.count.trim()) ? Number(draft.count) : 0
  return {
    count: count >= 1 && count <= MOST_PARTS ? undefined : t('pledge.count_wrong', { Count: MOST_PARTS }),
    first_on: !draft.first ? t('day.missing') : draft.first < earliest ? t('promises.past') : undefined,
  }
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)
