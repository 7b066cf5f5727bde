import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { announcer } from '@lib/announce.svelte'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import Claim from './Claim.svelte'

const claim = { ein: '83-0123456', name: 'RIVERBEND TRUST', verified_at: '2026-11-01T00:00:00Z' }
const missing = { status: 404, body: { title: 'Not found', status: 404 } }

beforeEach(() => signIn('organization:read', 'organization:manage'))
afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

it('says what releasing does, and lets go only when it is confirmed', async () => {
  let claimed = true
  const calls = serve({
    'GET /registry/claim': () => (claimed ? { status: 200, body: claim } : missing),
    'DELETE /registry/claim': () => {
      claimed = false
      return { status: 204 }
    },
  })
  show(Claim, {})
  const user = person()
  await user.click(await screen.findByRole('button', { name: 'Release…' }))
  expect(screen.getByRole('heading', { name: 'Release RIVERBEND TRUST?' })).toBeVisible()
  expect(screen.getByText(/public pages no longer show you as verified/)).toBeVisible()
  expect(screen.getByText(/New receipts carry no EIN/)).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(calls.some((call) => call.method === 'DELETE')).toBe(false)
  await user.click(screen.getByRole('button', { name: 'Release…' }))
  await user.click(screen.getByRole('button', { name: 'Release the entry' }))
  expect(await screen.findByText('You have not claimed your entry yet')).toBeVisible()
  expect(announcer.toasts[0]?.text).toMatch(/^RIVERBEND TRUST is released/)
})

it('keeps the dialog and says why it failed', async () => {
  serve({
    'GET /registry/claim': () => ({ status: 200, body: claim }),
    'DELETE /registry/claim': () => ({
      status: 503,
      body: { title: 'Down', status: 503, detail: 'Back soon.' },
    }),
  })
  show(Claim, {})
  const user = person()
  await user.click(await screen.findByRole('button', { name: 'Release…' }))
  await user.click(screen.getByRole('button', { name: 'Release the entry' }))
  await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('Back soon.'))
  expect(screen.getByRole('button', { name: 'Release the entry' })).toBeVisible()
})

it('offers it only to those who manage the organization', async () => {
  signIn('organization:read')
  serve({ 'GET /registry/claim': () => ({ status: 200, body: claim }) })
  show(Claim, {})
  expect(await screen.findByText(/^Verified: RIVERBEND TRUST/)).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Release…' })).toBeNull()
})
