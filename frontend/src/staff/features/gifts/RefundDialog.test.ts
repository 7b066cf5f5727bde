import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DonationDetail } from '@api/types'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import RefundDialog from './RefundDialog.svelte'

const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' })
const gift = { id: 'g1', method: 'card', refundable: usd(5181) } as DonationDetail

beforeEach(() => signIn('donations:read', 'donations:refund'))
afterEach(() => vi.unstubAllGlobals())

// happy-dom does not know buttons that stand outside their form; the browser tests press the real one.
function press(name: RegExp) {
  const button = screen.getByRole('button', { name })
  expect(button).toHaveAttribute('form', 'refund-form')
  document.querySelector<HTMLFormElement>('#refund-form')?.requestSubmit()
}

const open = () => show(RefundDialog, { open: true, gift })

it('sends exactly what the button says, with its key and our headers', async () => {
  const calls = serve({
    'POST /donations/g1/refunds': () => ({
      status: 201,
      body: { id: 'r1', amount: usd(2000), status: 'requested' },
    }),
  })
  open()
  const user = person()
  const amount = screen.getByLabelText('Amount to refund')
  expect(amount).toHaveValue('51.81')
  await user.clear(amount)
  await user.type(amount, '20')
  await user.selectOptions(screen.getByLabelText('Reason'), 'The donor asked for it')
  press(/^Refund \$20\.00$/)
  await waitFor(() => expect(screen.queryByLabelText('Amount to refund')).toBeNull())
  expect(calls[0]?.body).toEqual({ amount: usd(2000), reason: 'requested_by_donor', note: '' })
  expect(calls[0]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{32,36}$/)
  expect(calls[0]?.headers.get('X-Organization')).toBe('riverbend')
  expect(calls[0]?.headers.get('X-CSRF-Token')).toBe('token')
})

it('refuses more than is left and a missing reason without asking the server', async () => {
  const calls = serve({})
  open()
  const user = person()
  await user.clear(screen.getByLabelText('Amount to refund'))
  await user.type(screen.getByLabelText('Amount to refund'), '60')
  press(/^Refund \$60/)
  await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus())
  expect(screen.getByLabelText('Amount to refund')).toHaveAccessibleDescription(/Enter at most \$51\.81\./)
  expect(screen.getByLabelText('Reason')).toHaveAccessibleDescription('Choose a reason.')
  expect(calls).toHaveLength(0)
})

it("shows the server's refusal at the field and keeps the dialog", async () => {
  serve({
    'POST /donations/g1/refunds': () => ({
      status: 422,
      body: {
        title: 'Invalid',
        status: 422,
        errors: [
          { location: 'body.amount.amount_minor', message: 'Someone refunded it meanwhile.', code: 'x' },
        ],
      },
    }),
  })
  open()
  const user = person()
  await user.selectOptions(screen.getByLabelText('Reason'), 'Mistake')
  press(/^Refund \$51\.81$/)
  await waitFor(() =>
    expect(screen.getByLabelText('Amount to refund')).toHaveAccessibleDescription(
      /Someone refunded it meanwhile\./,
    ),
  )
})
