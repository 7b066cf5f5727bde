import { expect, it } from 'vitest'
import type { HistoryLine } from '@api/types'
import '@lib/testing'
import { changesOf } from './changes'

const changes = (after: unknown, before?: unknown) =>
  changesOf(
    { id: '1', action: 'x', actor_kind: 'login', actor_name: '', at: '', after, before } as HistoryLine,
    'EUR',
  )

it('writes an amount and its currency as money', () => {
  expect(changes({ amount_minor: 123450, currency: 'USD', method: 'cheque' })).toEqual([
    'Amount: $1,234.50',
    'Method: Cheque',
  ])
  expect(changes({ amount: { amount_minor: 500, currency: 'JPY' } })).toEqual(['Amount: ¥500'])
})

it('takes the currency of the gift where none is told', () => {
  expect(
    changes({ status: 'refunded', refunded_minor: 2500 }, { status: 'recorded', refunded_minor: 0 }),
  ).toEqual(['Status: Recorded → Refunded', 'Refunded: €0.00 → €25.00'])
})

it('says reasons and days in words and leaves out what only machines read', () => {
  expect(changes({ reason: 'requested_by_donor', on: '2026-11-20', donation_id: 'd1' })).toEqual([
    'Reason: The donor asked for it',
    'Date: Nov 20, 2026',
  ])
  expect(changes({ reason: 'Wrong name' })).toEqual(['Reason: Wrong name'])
})

it('leaves out what stayed as it was, and shows a word it does not know as it is', () => {
  expect(changes({ status: 'strange', note: '' }, { status: 'recorded', note: '' })).toEqual([
    'Status: Recorded → strange',
  ])
})
