// What can be done about a promise and its instalments, by whom, and under which name.

import type { Instalment, PromiseDetail } from '@api/types'
import { IN_FLIGHT, isOpen, OPEN } from './words'

export const PROMISE_ACTIONS = [
  'pause',
  'resume',
  'skip',
  'amount',
  'day',
  'card-link',
  'reschedule',
  'write-off',
  'cancel',
] as const
export const INSTALMENT_ACTIONS = ['charge', 'remind', 'move', 'waive'] as const

export type ActionName = (typeof PROMISE_ACTIONS)[number] | (typeof INSTALMENT_ACTIONS)[number]

/** Chosen is an action somebody is about to confirm, on the whole promise or on one instalment. */
export interface Chosen {
  name: ActionName
  /** instalment is the id of the one it is about */
  instalment?: string | undefined
}

/** DANGER are those that end or forgive something. */
export const DANGER: readonly ActionName[] = ['waive', 'write-off', 'cancel']

type May = (permission: string) => boolean

/** promiseActions lists what can be done about a promise now. */
export function promiseActions(promise: PromiseDetail, may: May): ActionName[] {
  if (!isOpen(promise) || !may('pledges:manage')) return []
  const moving = promise.instalments.some((i) => IN_FLIGHT.includes(i.state))
  const set = promise.status !== 'pending_setup'
  const plan = promise.kind === 'plan'
  const can: Record<(typeof PROMISE_ACTIONS)[number], boolean> = {
    pause: plan && set && promise.status !== 'lapsed',
    resume: plan && set && promise.standing === 'paused',
    skip: plan && set && promise.next !== null && !moving,
    amount: plan && set,
    day: plan && set && promise.unit !== 'week',
    'card-link': true,
    reschedule: !plan && set && !moving && promise.owed.amount_minor > 0,
    'write-off': !plan && set && !moving && may('pledges:write_off'),
    cancel: true,
  }
  return PROMISE_ACTIONS.filter((name) => can[name])
}

// There is nothing to remind of while the saved card is going to be charged anyway.
const chargedByItself = (promise: PromiseDetail, i: Instalment): boolean =>
  promise.method === 'card' &&
  promise.card !== null &&
  i.act_at !== null &&
  (i.state === 'scheduled' || i.state === 'due')

/** instalmentActions lists what can be done about one instalment now. */
export function instalmentActions(promise: PromiseDetail, i: Instalment, may: May): ActionName[] {
  const still = isOpen(promise) && promise.status !== 'pending_setup' && OPEN.includes(i.state)
  if (!still || IN_FLIGHT.includes(i.state) || i.amount.amount_minor === 0 || !may('pledges:manage'))
    return []
  const pledge = promise.kind === 'pledge'
  const can: Record<(typeof INSTALMENT_ACTIONS)[number], boolean> = {
    charge: promise.card !== null && i.state !== 'due' && i.state !== 'requires_action',
    remind: !chargedByItself(promise, i),
    move: pledge,
    waive: pledge && may('pledges:write_off'),
  }
  return INSTALMENT_ACTIONS.filter((name) => can[name])
}
