import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DonationDetail } from '@api/types'
import { announcer } from '@lib/announce.svelte'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import BounceDialog from './BounceDialog.svelte'
import DepositDialog from './DepositDialog.svelte'

const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' })
const gift = {
  id: 'g1',
  method: 'cheque',
  status: 'recorded',
  amount: usd(10000),
  received_on: '2025-11-02',
} as DonationDetail

beforeEach(() => signIn('donations:read', 'donations:refund', 'ledger:reconcile'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

// happy-dom does not know buttons that stand outside their form; the browser tests press the real one.
function press(name: string, form: string) {
  expect(screen.getByRole('button', { name })).toHaveAttribute('form', form)
  document.querySelector<HTMLFormElement>(`#${form}`)?.requestSubmit()
}

async function choose(label: string, day: string) {
  const user = person()
  const field = screen.getByLabelText(label)
  await user.clear(field)
  if (day) await user.type(field, day)
}

const deposit = () => press('Book at the bank', 'deposit-form')
const bounce = () => press('Book as returned', 'bounce-form')

it('books the chosen day at the bank, once, with its key', async () => {
  const calls = serve({ 'POST /donations/g1/deposit': () => ({ status: 204 }) })
  show(DepositDialog, { open: true, gift })
  await choose('Taken to the bank on', '2025-11-03')
  deposit()
  deposit()
  await waitFor(() => expect(screen.queryByLabelText('Taken to the bank on')).toBeNull())
  expect(calls).toHaveLength(1)
  expect(calls[0]?.body).toEqual({ on: '2025-11-03' })
  expect(calls[0]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{32,36}$/)
  expect(announcer.toasts[0]?.text).toBe('$100.00 is booked at the bank.')
})

it('keeps the key when the answer was lost, so that the repetition books nothing twice', async () => {
  let lost = true
  const calls = serve({
    'POST /donations/g1/deposit': () =>
      lost ? { status: 503, body: { title: 'Down', status: 503, detail: 'Back soon.' } } : { status: 204 },
  })
  show(DepositDialog, { open: true, gift })
  deposit()
  expect(await screen.findByText('Back soon.')).toBeVisible()
  lost = false
  deposit()
  await waitFor(() => expect(calls).toHaveLength(2))
  expect(calls[1]?.headers.get('Idempotency-Key')).toBe(calls[0]?.headers.get('Idempotency-Key'))
})

it.each([
  ['', 'Enter the day.'],
  ['2999-01-01', 'Choose today or an earlier day.'],
  ['2025-11-01', 'Choose Nov 2, 2025, when the gift was received, or a later day.'],
])('refuses the day "%s" without asking the server', async (day, words) => {
  const calls = serve({})
  show(DepositDialog, { open: true, gift })
  await choose('Taken to the bank on', day)
  deposit()
  await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus())
  expect(screen.getByLabelText('Taken to the bank on')).toHaveAccessibleDescription(words)
  expect(calls).toHaveLength(0)
})

it('books a returned cheque with the fee of the bank and a note', async () => {
  const calls = serve({ 'POST /donations/g1/bounce': () => ({ status: 204 }) })
  show(BounceDialog, { open: true, gift })
  const user = person()
  const fee = screen.getByLabelText('Bank fee')
  expect(fee).toHaveValue('0.00')
  await choose('Returned on', '2025-11-10')
  await user.clear(fee)
  await user.type(fee, '12')
  await user.type(screen.getByLabelText(/Note for staff/), 'No funds')
  bounce()
  await waitFor(() => expect(screen.queryByLabelText('Bank fee')).toBeNull())
  expect(calls[0]?.body).toEqual({ on: '2025-11-10', bank_fee: usd(1200), note: 'No funds' })
  expect(calls[0]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{32,36}$/)
})

it('takes a fee of nothing, and refuses one that cannot be read', async () => {
  const calls = serve({ 'POST /donations/g1/bounce': () => ({ status: 204 }) })
  show(BounceDialog, { open: true, gift })
  const user = person()
  const fee = screen.getByLabelText('Bank fee')
  await user.clear(fee)
  await user.type(fee, 'twelve')
  bounce()
  await waitFor(() => expect(fee).toHaveAccessibleDescription(/Enter an amount in digits/))
  expect(calls).toHaveLength(0)
  await user.clear(fee)
  await user.type(fee, '0')
  bounce()
  await waitFor(() => expect(calls[0]?.body).toMatchObject({ bank_fee: usd(0) }))
})

it("shows the server's refusal and keeps the dialog", async () => {
  serve({
    'POST /donations/g1/bounce': () => ({
      status: 409,
      body: { title: 'Conflict', status: 409, detail: 'Only a cheque that still counts can bounce.' },
    }),
  })
  show(BounceDialog, { open: true, gift })
  bounce()
  expect(await screen.findByText('Only a cheque that still counts can bounce.')).toBeVisible()
  expect(screen.getByLabelText('Bank fee')).toBeVisible()
})
