import { screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startRouter } from '@lib/router'
import { serve, show, signIn } from '../../testing'
import Detail from './Detail.svelte'

const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' })
const TO_BANK = 'Taken to the bank…'
const RETURNED = 'The bank returned it…'

function open(gift: { method: string; status: string; at_bank: boolean }) {
  const body = {
    id: 'g1',
    reference: 'R-1',
    donor_name: 'Ada Lovelace',
    donor: { first_name: 'Ada', last_name: 'Lovelace', email: '' },
    amount: usd(5000),
    cover: usd(0),
    refunded: usd(0),
    refundable: usd(0),
    received_on: '2025-11-02',
    thanked_at: null,
    visibility: 'name',
    note: '',
    payments: [],
    refunds: [],
    attempts: [],
    ...gift,
  }
  const trail = { receipts: [], messages: [], ledger: [], history: [] }
  serve({
    'GET /donations/': () => ({ status: 200, body }),
    'GET /donations//trail': () => ({ status: 200, body: trail }),
  })
  show(Detail, {})
  return screen.findByText('R-1')
}

const offered = () => [TO_BANK, RETURNED].filter((name) => screen.queryByRole('button', { name }) !== null)

beforeEach(() => {
  startRouter({ '*': Detail }, '')
  signIn('donations:read', 'donations:refund', 'ledger:reconcile')
})
afterEach(() => vi.unstubAllGlobals())

it.each([
  ['cheque', 'recorded', false, [TO_BANK, RETURNED]],
  ['cheque', 'recorded', true, [RETURNED]],
  ['cash', 'recorded', false, [TO_BANK]],
  ['cash', 'recorded', true, []],
  ['bank_transfer', 'recorded', false, []],
  ['card', 'succeeded', false, []],
  ['cheque', 'refunded', true, []],
])('for %s, %s, at the bank: %s, offers what can be', async (method, status, at_bank, buttons) => {
  await open({ method, status, at_bank })
  expect(offered()).toEqual(buttons)
})

it('says where a cheque lies', async () => {
  await open({ method: 'cheque', status: 'recorded', at_bank: true })
  expect(screen.getAllByText('At the bank')).toHaveLength(2)
})

it('says that cash is still in hand', async () => {
  await open({ method: 'cash', status: 'recorded', at_bank: false })
  expect(screen.getByText('In hand, not yet at the bank')).toBeVisible()
})

it('offers neither to those who may not', async () => {
  signIn('donations:read')
  await open({ method: 'cheque', status: 'recorded', at_bank: false })
  expect(offered()).toEqual([])
})
