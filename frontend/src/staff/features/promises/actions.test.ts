import { expect, it } from 'vitest'
import { instalmentActions, promiseActions } from './actions'
import { part, plan, pledge } from './sample'

const everything = () => true
const manages = (permission: string) => permission === 'pledges:manage'

it('offers a plan what can be done with plans', () => {
  expect(promiseActions(plan(), everything)).toEqual([
    'pause',
    'skip',
    'amount',
    'day',
    'card-link',
    'cancel',
  ])
})

it('offers to resume only what is paused', () => {
  expect(promiseActions(plan({ standing: 'paused', paused_until: '2027-02-01' }), everything)).toContain(
    'resume',
  )
})

it('offers a pledge what can be done with pledges, and giving money up only to some', () => {
  expect(promiseActions(pledge(), everything)).toEqual(['card-link', 'reschedule', 'write-off', 'cancel'])
  expect(promiseActions(pledge(), manages)).toEqual(['card-link', 'reschedule', 'cancel'])
  expect(instalmentActions(pledge(), part(1), manages)).toEqual(['remind', 'move'])
  expect(instalmentActions(pledge(), part(1), everything)).toEqual(['remind', 'move', 'waive'])
})

it('offers nothing while money may be moving', () => {
  const moving = pledge({ instalments: [part(1, { state: 'unknown' }), part(2)] })
  expect(promiseActions(moving, everything)).toEqual(['card-link', 'cancel'])
  expect(instalmentActions(moving, part(1, { state: 'unknown' }), everything)).toEqual([])
})

it('offers nothing once it has ended, and nothing to those who may only look', () => {
  expect(promiseActions(pledge({ status: 'written_off' }), everything)).toEqual([])
  expect(instalmentActions(plan({ status: 'cancelled' }), part(1), everything)).toEqual([])
  expect(promiseActions(plan(), () => false)).toEqual([])
  expect(instalmentActions(plan(), part(1), () => false)).toEqual([])
})

it('charges only a saved card, and reminds of nothing that is charged by itself', () => {
  const scheduled = part(2, { act_at: '2026-12-22T14:00:00Z' })
  expect(instalmentActions(plan(), scheduled, everything)).toEqual(['charge'])
  expect(instalmentActions(plan(), part(2, { state: 'failed' }), everything)).toEqual(['charge', 'remind'])
  expect(instalmentActions(plan({ card: null }), part(2, { state: 'failed' }), everything)).toEqual([
    'remind',
  ])
  expect(instalmentActions(plan(), part(2, { state: 'requires_action' }), everything)).toEqual(['remind'])
})

it('offers weeks no day of the month, and an unconfirmed promise nothing but its end', () => {
  expect(promiseActions(plan({ unit: 'week' }), everything)).not.toContain('day')
  expect(promiseActions(plan({ status: 'pending_setup', standing: 'pending_setup' }), everything)).toEqual([
    'card-link',
    'cancel',
  ])
})
