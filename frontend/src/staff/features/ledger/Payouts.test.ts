import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { announcer } from '@lib/announce.svelte'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import Payouts from './Payouts.svelte'

const payout = (id: string, status: string, bank_matched_at: string | null = null) => ({
  id,
  status,
  bank_matched_at,
  amount: { amount_minor: 968000, currency: 'USD' },
  arrival_on: '2026-11-18',
  created_at: '2026-11-16T00:00:00Z',
})
const page = (...items: unknown[]) => ({ status: 200, body: { items, next_cursor: '' } })

beforeEach(() => signIn('ledger:read', 'ledger:reconcile'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

it('shows a payout as found only when the server has booked it', async () => {
  let matched: string | null = null
  const calls = serve({
    'GET /payouts': () => page(payout('po_1', 'paid', matched)),
    'POST /payouts/po_1/bank-match': () => {
      matched = '2026-11-22T10:00:00Z'
      return { status: 204 }
    },
  })
  show(Payouts, {})
  await person().click(await screen.findByRole('button', { name: /^Found on the bank statement.*po_1$/ }))
  expect(await screen.findByText('Found on Nov 22, 2026')).toBeVisible()
  expect(announcer.toasts[0]?.text).toBe('The payout of $9,680.00 is booked at the bank.')
  expect(calls.filter((call) => call.method === 'POST')).toHaveLength(1)
})

it('keeps the button when the server refuses, and says why', async () => {
  serve({
    'GET /payouts': () => page(payout('po_1', 'paid')),
    'POST /payouts/po_1/bank-match': () => ({
      status: 409,
      body: { title: 'Conflict', status: 409, detail: 'It is not paid.' },
    }),
  })
  show(Payouts, {})
  await person().click(await screen.findByRole('button', { name: /^Found on the bank statement/ }))
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('It is not paid.'))
  expect(screen.getByRole('button', { name: /^Found on the bank statement/ })).toBeVisible()
})

it('offers the button for paid ones only, and only to those who reconcile', async () => {
  serve({ 'GET /payouts': () => page(payout('po_1', 'in_transit'), payout('po_2', 'failed')) })
  show(Payouts, {})
  expect(await screen.findByText('On its way')).toBeVisible()
  expect(screen.getByText('Failed')).toBeVisible()
  expect(screen.getAllByText('Not yet')).toHaveLength(1)
  expect(screen.queryByRole('button')).toBeNull()
})

it('hides the button from those who may only read', async () => {
  signIn('ledger:read')
  serve({ 'GET /payouts': () => page(payout('po_1', 'paid')) })
  show(Payouts, {})
  expect(await screen.findByText('Not yet')).toBeVisible()
  expect(screen.queryByRole('button')).toBeNull()
})

it('says where payouts come from while there are none', async () => {
  serve({ 'GET /payouts': () => page() })
  show(Payouts, {})
  expect(await screen.findByText('No payouts yet')).toBeVisible()
})

it('offers to try again when they cannot be loaded', async () => {
  let fails = true
  serve({
    'GET /payouts': () =>
      fails ? { status: 503, body: { title: 'Down', status: 503 } } : page(payout('po_1', 'pending')),
  })
  show(Payouts, {})
  expect(await screen.findByRole('alert')).toHaveTextContent('Could not load the payouts.')
  fails = false
  await person().click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('Being prepared')).toBeVisible()
})
