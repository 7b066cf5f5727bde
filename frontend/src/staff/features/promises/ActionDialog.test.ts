import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { announcer } from '@lib/announce.svelte'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import ActionDialog from './ActionDialog.svelte'
import { plan, pledge } from './sample'

beforeEach(() => signIn('donations:read', 'pledges:manage', 'pledges:write_off'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

// happy-dom does not know buttons that stand outside their form; the browser tests press the real one.
const submit = () => document.querySelector<HTMLFormElement>('#promise-form')?.requestSubmit()
const onclose = () => undefined

it('gives up the rest of a pledge for a reason, and not without one', async () => {
  const calls = serve({
    'POST /promises/pl1/write-off': () => ({
      status: 200,
      body: pledge({ status: 'written_off', standing: 'written_off' }),
    }),
  })
  const closed = vi.fn()
  show(ActionDialog, { promise: pledge(), chosen: { name: 'write-off' }, onclose: closed })
  expect(screen.getByText(/^\$300\.00 that is still to come is given up\./)).toBeVisible()
  submit()
  await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus())
  expect(calls).toHaveLength(0)
  await person().type(screen.getByLabelText('Reason'), ' Moved abroad ')
  submit()
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('The rest is written off.'))
  expect(calls[0]?.body).toEqual({ reason: 'Moved abroad', version: 4 })
  expect(closed).toHaveBeenCalledOnce()
})

it('acts on one instalment under its own address', async () => {
  const calls = serve({
    'POST /promises/pl1/instalments/i2/move': () => ({ status: 200, body: pledge({ version: 5 }) }),
  })
  show(ActionDialog, { promise: pledge(), chosen: { name: 'move', instalment: 'i2' }, onclose })
  const date = screen.getByLabelText('New date')
  await person().clear(date)
  await person().type(date, '2099-03-31')
  submit()
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('The instalment has its new date.'))
  expect(calls[0]?.body).toEqual({ due_on: '2099-03-31', version: 4 })
})

it('says that somebody was quicker, and keeps what was typed', async () => {
  serve({
    'POST /promises/pn1/amount': () => ({
      status: 409,
      body: { title: 'Conflict', status: 409, code: 'promise.changed', detail: 'Somebody changed this.' },
    }),
  })
  show(ActionDialog, { promise: plan(), chosen: { name: 'amount' }, onclose })
  const amount = screen.getByLabelText('New amount')
  await person().clear(amount)
  await person().type(amount, '40')
  submit()
  expect(await screen.findByText('Somebody changed this meanwhile')).toBeVisible()
  expect(screen.getByText(/Nothing was done\./)).toBeVisible()
  expect(screen.getByText(/^Everything is in order\./)).toBeVisible()
  expect(amount).toHaveValue('40')
  expect(announcer.toasts).toHaveLength(0)
})

it('shows what the server refuses at the field', async () => {
  serve({
    'POST /promises/pn1/pause': () => ({
      status: 422,
      body: {
        title: 'Invalid',
        status: 422,
        errors: [{ location: 'body.until', message: 'Choose another day.', code: 'x' }],
      },
    }),
  })
  show(ActionDialog, { promise: plan(), chosen: { name: 'pause' }, onclose })
  const until = screen.getByLabelText('Paused until')
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10)
  await person().type(until, day)
  submit()
  await waitFor(() => expect(until).toHaveAccessibleDescription(/Choose another day\./))
})

it('previews what is left over the new schedule', async () => {
  const calls = serve({
    'POST /pledges/preview': () => ({
      status: 200,
      body: {
        items: [
          { n: 1, due_on: '2027-01-01', amount: { amount_minor: 15000, currency: 'USD' } },
          { n: 2, due_on: '2027-02-01', amount: { amount_minor: 15000, currency: 'USD' } },
        ],
      },
    }),
  })
  show(ActionDialog, { promise: pledge(), chosen: { name: 'reschedule' }, onclose })
  expect(await screen.findByText('2 instalments of $150.00, from Jan 1, 2027 to Feb 1, 2027.')).toBeVisible()
  expect(calls[0]?.body).toMatchObject({
    total: { amount_minor: 30000, currency: 'USD' },
    count: 12,
    unit: 'month',
  })
  expect(screen.getByLabelText('How many')).toHaveValue('12')
})
