import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DonationDetail, ReceiptLine, Trail } from '@api/types'
import { announcer } from '@lib/announce.svelte'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import TrailCards from './TrailCards.svelte'

const gift = {
  id: 'g1',
  status: 'succeeded',
  amount: { amount_minor: 5000, currency: 'USD' },
} as DonationDetail
const standing: ReceiptLine = { id: 'r2', number: 'RB-2026-000002', issued_at: '2026-11-20T10:00:00Z' }
const ended: ReceiptLine = {
  id: 'r1',
  number: 'RB-2026-000001',
  issued_at: '2026-11-19T10:00:00Z',
  voided_at: '2026-11-20T10:00:00Z',
  void_reason: 'Wrong name',
}
const cards = (...receipts: ReceiptLine[]) =>
  show(TrailCards, { trail: { receipts, messages: [], ledger: [], history: [] } satisfies Trail, gift })

beforeEach(() => signIn('receipts:read', 'receipts:send'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

// happy-dom does not know buttons that stand outside their form; the browser tests press the real one.
const submit = () => document.querySelector<HTMLFormElement>('#receipt-form')?.requestSubmit()

it('voids a receipt for a reason, and not without one', async () => {
  const calls = serve({ 'POST /receipts/r2/void': () => ({ status: 204 }) })
  cards(standing, ended)
  const user = person()
  await user.click(screen.getByRole('button', { name: /^Void….*000002$/ }))
  expect(screen.getByRole('heading', { name: 'Void receipt RB-2026-000002' })).toBeVisible()
  submit()
  await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus())
  expect(calls).toHaveLength(0)
  await user.type(screen.getByLabelText('Reason'), ' Issued twice ')
  submit()
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('Receipt RB-2026-000002 is void.'))
  expect(calls[0]?.body).toEqual({ reason: 'Issued twice' })
  expect(screen.queryByLabelText('Reason')).toBeNull()
})

it('replaces a receipt and tells the number of the new one', async () => {
  const calls = serve({
    'POST /receipts/r2/replace': () => ({ status: 201, body: { id: 'r3', number: 'RB-2026-000003' } }),
  })
  cards(standing)
  const user = person()
  await user.click(screen.getByRole('button', { name: /^Replace….*000002$/ }))
  await user.type(screen.getByLabelText('Reason'), 'New name')
  submit()
  await waitFor(() => expect(announcer.toasts[0]?.text).toMatch(/^Receipt RB-2026-000003 stands/))
  expect(calls[0]?.body).toEqual({ reason: 'New name' })
})

it('keeps the dialog and shows why the server refused', async () => {
  serve({
    'POST /receipts/r2/void': () => ({
      status: 409,
      body: { title: 'Conflict', status: 409, detail: 'This receipt is void.' },
    }),
  })
  cards(standing)
  const user = person()
  await user.click(screen.getByRole('button', { name: /^Void…/ }))
  await user.type(screen.getByLabelText('Reason'), 'Twice')
  submit()
  expect(await screen.findByText('This receipt is void.')).toBeVisible()
  expect(screen.getByLabelText('Reason')).toHaveValue('Twice')
})

it('says in words since when and why a receipt is void, and offers one in its place', () => {
  serve({})
  cards(ended)
  expect(screen.getByText('Void since Nov 20, 2026. Wrong name')).toBeVisible()
  expect(screen.queryByRole('button', { name: /^Void…/ })).toBeNull()
  expect(screen.getByRole('button', { name: /^Replace….*000001$/ })).toBeVisible()
})

it('offers nothing for a void receipt that another stands in for', () => {
  serve({})
  cards(standing, ended)
  expect(screen.getByRole('button', { name: /^Replace….*000002$/ })).toBeVisible()
  expect(screen.queryByRole('button', { name: /^Replace….*000001$/ })).toBeNull()
})

it('offers nothing to those who may only read', () => {
  signIn('receipts:read')
  serve({})
  cards(standing)
  expect(screen.getByRole('button', { name: 'PDF' })).toBeVisible()
  expect(screen.queryByRole('button', { name: /^(Void|Replace)/ })).toBeNull()
})
