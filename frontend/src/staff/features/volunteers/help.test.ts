import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { HelpOffer } from '@api/types'
import { announcer } from '@lib/announce.svelte'
import { go, startRouter } from '@lib/router'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import { statusOf } from './help'
import HelpOffers from './HelpOffers.svelte'

const offer = (fields: Partial<HelpOffer> = {}): HelpOffer => ({
  id: 'h1',
  person_id: 'p1',
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  written_name: 'Ada Lovelace',
  phone: '+1 555 0199',
  message: 'I have a <b>van</b>.\nCall me.',
  skills: ['driving', 'welding'],
  interests: ['trees'],
  availability: (1 << 20) | (1 << 24) | (1 << 26),
  status: 'open',
  offered_at: '2026-11-20T15:00:00Z',
  answered_at: null,
  answered_by_name: '',
  ...fields,
})
const page = (...items: HelpOffer[]) => ({ status: 200, body: { items, next_cursor: '' } })

beforeEach(() => signIn('volunteers:read', 'volunteers:manage'))
afterEach(() => {
  vi.unstubAllGlobals()
  history.replaceState(null, '', '/')
  for (const toast of announcer.toasts) announcer.dismiss(toast.id)
})

it('shows who offers what, and how to reach them', async () => {
  serve({ 'GET /help-offers': () => page(offer(), offer({ id: 'h2', name: 'Bo', written_name: 'Robert' })) })
  show(HelpOffers, {})
  expect(await screen.findByRole('link', { name: 'Ada Lovelace' })).toHaveAttribute(
    'href',
    '/riverbend/people/p1',
  )
  expect(screen.getAllByText(/I have a <b>van<\/b>\./)[0]).toBeVisible()
  expect(screen.getAllByText('driving, welding')[0]).toBeVisible()
  expect(screen.getAllByText('Sat morning · Sun morning, evening')[0]).toBeVisible()
  expect(screen.getAllByRole('link', { name: 'ada@example.org' })[0]).toHaveAttribute(
    'href',
    'mailto:ada@example.org',
  )
  expect(screen.getAllByRole('link', { name: '+1 555 0199' })[0]).toHaveAttribute('href', 'tel:+15550199')
  expect(screen.getByText('Wrote as Robert')).toBeVisible()
  expect(screen.queryByText('Wrote as Ada Lovelace')).toBeNull()
})

it('marks an offer as answered, and takes that back', async () => {
  let open = true
  const calls = serve({
    'GET /help-offers': () => (open ? page(offer()) : page()),
    'POST /help-offers/h1/answer': () => {
      open = false
      return { status: 204 }
    },
    'DELETE /help-offers/h1/answer': () => {
      open = true
      return { status: 204 }
    },
  })
  show(HelpOffers, {})
  await person().click(await screen.findByRole('button', { name: 'Mark as answered: Ada Lovelace' }))
  expect(await screen.findByText('Everybody is answered')).toBeVisible()
  await waitFor(() => expect(announcer.toasts[0]?.action?.label).toBe('Undo'))
  announcer.toasts[0]?.action?.run()
  expect(await screen.findByRole('link', { name: 'Ada Lovelace' })).toBeVisible()
  expect(calls.map((c) => c.method)).toContain('DELETE')
})

it('keeps the focus near what was pressed, and lets a second card be pressed meanwhile', async () => {
  const answered = new Set<string>()
  let first: ((value: unknown) => void) | undefined
  const all = [offer(), offer({ id: 'h2', name: 'Bo' }), offer({ id: 'h3', name: 'Cy' })]
  const done = (id: string) => () => {
    answered.add(id)
    return { status: 204 }
  }
  const calls = serve({
    'GET /help-offers': () => page(...all.filter((o) => !answered.has(o.id))),
    'POST /help-offers/h1/answer': done('h1'),
    'POST /help-offers/h2/answer': done('h2'),
    'POST /help-offers/h3/answer': done('h3'),
  })
  const real = globalThis.fetch
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.url.endsWith('/h2/answer')) await new Promise((go) => (first = go))
    return real(request)
  })
  show(HelpOffers, {})
  const press = async (name: string) =>
    person().click(await screen.findByRole('button', { name: `Mark as answered: ${name}` }))
  await press('Bo')
  await press('Ada Lovelace')
  await waitFor(() => expect(calls.some((c) => c.path === '/help-offers/h1/answer')).toBe(true))
  first?.(undefined)
  await waitFor(() => expect(screen.queryByText('Bo')).toBeNull())
  await waitFor(() => expect(screen.getByRole('button', { name: 'Mark as answered: Cy' })).toHaveFocus())
  await press('Cy')
  expect(await screen.findByText('Everybody is answered')).toBeVisible()
  await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveFocus())
})

it('says so when the server refuses, and leaves the offer where it is', async () => {
  serve({
    'GET /help-offers': () => page(offer()),
    'POST /help-offers/h1/answer': () => ({
      status: 403,
      body: { title: 'No', status: 403, detail: 'Your role may not.' },
    }),
  })
  show(HelpOffers, {})
  await person().click(await screen.findByRole('button', { name: 'Mark as answered: Ada Lovelace' }))
  await waitFor(() => expect(announcer.toasts[0]?.text).toBe('Your role may not.'))
  expect(screen.getByRole('link', { name: 'Ada Lovelace' })).toBeVisible()
})

it('lets those who may only look do nothing', async () => {
  signIn('volunteers:read')
  serve({ 'GET /help-offers': () => page(offer()) })
  show(HelpOffers, {})
  await screen.findByRole('link', { name: 'Ada Lovelace' })
  expect(screen.queryByRole('button', { name: /answered/ })).toBeNull()
})

it('reads what an address asks for; without a word, what waits', () => {
  expect(statusOf(new URLSearchParams())).toBe('open')
  expect(statusOf(new URLSearchParams('status=answered'))).toBe('answered')
  expect(statusOf(new URLSearchParams('status=all'))).toBeUndefined()
})

it('leads back from a page whose offers have all been answered', async () => {
  startRouter({}, '')
  await go('/volunteers/offers', { query: { cursor: 'b' } })
  serve({ 'GET /help-offers': () => page() })
  show(HelpOffers, {})
  expect(await screen.findByText('Nothing more here')).toBeVisible()
  expect(screen.getByRole('link', { name: 'First page' })).toHaveAttribute(
    'href',
    '/riverbend/volunteers/offers',
  )
})
