import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { announcer } from '@lib/announce.svelte'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import Today from './Today.svelte'

const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' })
const gift = {
  id: 'g1',
  reference: 'RB-1',
  donor_name: 'Ada Lovelace',
  amount: usd(5000),
  occurred_at: '2026-11-22T00:00:00Z',
  campaign_title: 'Library',
  comment: '',
  first_gift: true,
}
const day = (to_thank: unknown[]) => ({
  to_thank,
  to_thank_count: to_thank.length,
  received: [{ today: usd(5000), this_month: usd(1843000) }],
  needs_attention: [],
})

beforeEach(() => signIn('organization:read', 'donations:read', 'donations:record'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

it('shows what came and who is to be thanked', async () => {
  serve({ 'GET /today': () => ({ status: 200, body: day([gift]) }) })
  show(Today, {})
  expect(await screen.findByRole('link', { name: 'Ada Lovelace' })).toHaveAttribute(
    'href',
    '/riverbend/gifts/g1',
  )
  expect(screen.getByText('$18,430.00')).toBeVisible()
})

it('takes a thanked gift off the list at once and can undo it', async () => {
  const calls = serve({
    'GET /today': () => ({ status: 200, body: day([gift]) }),
    'POST /donations/g1/thanks': () => ({ status: 204 }),
    'DELETE /donations/g1/thanks': () => ({ status: 204 }),
  })
  show(Today, {})
  await person().click(await screen.findByRole('button', { name: 'Thanked' }))
  await waitFor(() => expect(screen.getByText('Everyone is thanked')).toBeVisible())
  await waitFor(() => expect(announcer.toasts[0]?.action?.label).toBe('Undo'))
  announcer.toasts[0]?.action?.run()
  expect(await screen.findByRole('link', { name: 'Ada Lovelace' })).toBeVisible()
  expect(calls.map((c) => c.method)).toContain('DELETE')
})

it('puts the gift back when the server refuses', async () => {
  serve({
    'GET /today': () => ({ status: 200, body: day([gift]) }),
    'POST /donations/g1/thanks': () => ({
      status: 403,
      body: { title: 'No', status: 403, detail: 'Your role may not.' },
    }),
  })
  show(Today, {})
  await person().click(await screen.findByRole('button', { name: 'Thanked' }))
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('Your role may not.'))
  expect(screen.getByRole('link', { name: 'Ada Lovelace' })).toBeVisible()
})

it('offers to try again when the list cannot be loaded', async () => {
  let fails = true
  serve({
    'GET /today': () =>
      fails
        ? { status: 503, body: { title: 'Down', status: 503, detail: 'Back soon.' } }
        : { status: 200, body: day([]) },
  })
  show(Today, {})
  expect(await screen.findByRole('alert')).toHaveTextContent("Could not load today's list.")
  fails = false
  await person().click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('Everyone is thanked')).toBeVisible()
})

it('offers nothing to do to those who may only look', async () => {
  signIn('organization:read', 'donations:read')
  serve({ 'GET /today': () => ({ status: 200, body: day([gift]) }) })
  show(Today, {})
  await screen.findByRole('link', { name: 'Ada Lovelace' })
  expect(screen.queryByRole('button', { name: 'Thanked' })).toBeNull()
})

it.each([
  ['review', 'Money arrived that needs a look'],
  ['refund_failed', 'A refund failed'],
  ['event_failed', 'Stripe told something that could not be applied'],
  ['mail_failed', 'A mail could not be delivered'],
])('leads from "%s" to the gift it is about', async (kind, words) => {
  const item = { kind, donation_id: 'g7', reference: 'RB-7', detail: '', at: '2026-11-21T00:00:00Z' }
  serve({ 'GET /today': () => ({ status: 200, body: { ...day([]), needs_attention: [item] } }) })
  show(Today, {})
  expect(await screen.findByRole('link', { name: words })).toHaveAttribute('href', '/riverbend/gifts/g7')
})

const work = {
  hours_to_approve: 3,
  help_offers: 2,
  unfilled: [
    {
      id: 's1',
      opportunity_id: 'o1',
      title: 'Sorting food',
      starts_at: '2026-11-28T14:00:00Z',
      zone: 'America/New_York',
      places: 8,
      free: 5,
    },
  ],
  expiring: [{ person_id: 'p1', name: 'Ada Lovelace', kind: 'Background check', expires_on: '2026-12-20' }],
}

it('shows a coordinator what volunteers need, and asks for no gifts', async () => {
  signIn('organization:read', 'volunteers:read', 'hours:approve')
  const calls = serve({ 'GET /today/volunteers': () => ({ status: 200, body: work }) })
  show(Today, {})
  expect(await screen.findByText('3 entries wait for your approval.')).toBeVisible()
  expect(screen.getByText('2 people offered to help and wait for an answer.')).toBeVisible()
  expect(screen.getByRole('link', { name: 'Read the offers' })).toHaveAttribute(
    'href',
    '/riverbend/volunteers/offers',
  )
  expect(screen.getByRole('link', { name: 'Sorting food' })).toHaveAttribute(
    'href',
    '/riverbend/volunteers/shifts/s1',
  )
  expect(screen.getByText('5 of 8 places free')).toBeVisible()
  expect(screen.getByText(/Sat, Nov 28, 9:00\sAM EST/)).toBeVisible()
  expect(screen.getByRole('link', { name: 'Ada Lovelace' })).toHaveAttribute('href', '/riverbend/people/p1')
  expect(calls.map((c) => c.path)).toEqual(['/today/volunteers'])
})
