import { waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DoorPerson } from '@api/types'
import { serve, signIn, type Call } from '../../testing'
import type { Seen } from './api'
import { closeDoors, keepList, keptList, openDoor } from './state.svelte'

const view = (fields: Partial<DoorPerson> = {}): DoorPerson => ({
  sign_up_id: 'u1',
  shift_id: 's1',
  person_id: 'p1',
  name: 'Ada Lovelace',
  email_hint: 'a…@example.org',
  phone_hint: '',
  status: 'confirmed',
  source: 'public',
  starts_local: '2026-11-22T09:00',
  no_show_note: '',
  party: 1,
  over: false,
  overrides: [],
  missing: [],
  version: 1,
  ...fields,
})

/** seen is a list that came a moment ago, to a device whose clock is an hour slow. */
function seen(people: DoorPerson[]): Seen {
  const at = Date.now()
  return {
    asked: at,
    at,
    board: {
      day: '2026-11-22',
      server_now: new Date(at + 3_600_000).toISOString(),
      shifts: [],
      people,
      more: false,
    },
  }
}

const step = (of: 'in' | 'out') => ({
  step: of,
  signUp: 'u1',
  shift: 's1',
  name: 'Ada Lovelace',
  happenedAt: new Date().toISOString(),
})
const down = () => ({ status: 503, body: { title: 'Unavailable', status: 503 } })
const body = (call: Call | undefined) => call?.body as Record<string, string>

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  localStorage.clear()
  sessionStorage.clear()
  closeDoors()
  signIn('volunteers:manage')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('sends a step with its key and both times, and shows what the server answers', async () => {
  const calls = serve({
    'POST /sign-ups/u1/check': () => ({
      status: 200,
      body: view({ status: 'in', checked_in_at: '2026-11-22T09:02:00Z' }),
    }),
  })
  const door = openDoor()
  const list = seen([view()])
  vi.setSystemTime(Date.now() + 5)
  door.act(step('in'), 'Ada is in.')
  expect(door.lines(list)[0]).toMatchObject({ status: 'in', pending: true })
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  expect(body(calls[0])).toMatchObject({ action: 'in' })
  expect(Date.parse(body(calls[0]).sent_at ?? '')).not.toBeNaN()
  expect(calls[0]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{32,36}$/)
  // The list is older than the answer, so the answer is what stands.
  expect(door.lines(list)[0]).toMatchObject({
    status: 'in',
    pending: false,
    checked_in_at: '2026-11-22T09:02:00Z',
  })
})

it('keeps the body of a repeated try, and tells how late it is in the address', async () => {
  const urls: string[] = []
  let answer: () => { status: number; body?: unknown } = down
  const calls = serve({ 'POST /sign-ups/u1/check': () => answer() })
  const fetched = globalThis.fetch
  vi.stubGlobal('fetch', (request: Request) => {
    urls.push(request.url)
    return fetched(request)
  })
  const door = openDoor()
  door.act(step('in'), '')
  await waitFor(() => expect(door.status).toBe('offline'))
  answer = () => ({ status: 200, body: view({ status: 'in' }) })
  vi.setSystemTime(Date.now() + 60_000)
  door.wake()
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  expect(calls[1]?.body).toEqual(calls[0]?.body)
  expect(calls[1]?.headers.get('Idempotency-Key')).toBe(calls[0]?.headers.get('Idempotency-Key'))
  const [first, second] = urls.map(
    (url) => new URL(url, 'http://localhost').searchParams.get('sent_at') ?? '',
  )
  expect(first).toBe(body(calls[0]).sent_at)
  expect(Date.parse(second ?? '')).toBeGreaterThan(Date.parse(first ?? ''))
})

it('shows what waits in the time of the server, whatever the clock of the device says', async () => {
  serve({ 'POST /sign-ups/u1/check': down })
  const door = openDoor()
  door.act(step('in'), '')
  const [line] = door.lines(seen([view()]))
  const ahead = Date.parse(line?.checked_in_at ?? '') - Date.now()
  expect(Math.abs(ahead - 3_600_000)).toBeLessThan(5_000)
  await waitFor(() => expect(door.status).toBe('offline'))
})

it('undoes a step that was sent by one that names it', async () => {
  const calls = serve({
    'POST /sign-ups/u1/check': (call) => ({
      status: 200,
      body: view({ status: body(call).action === 'undo' ? 'in' : 'done' }),
    }),
  })
  const door = openDoor()
  door.act(step('out'), 'out')
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  const did = door.did
  expect(did).toBeDefined()
  if (did) await door.undo(did)
  await waitFor(() => expect(calls).toHaveLength(2))
  expect(body(calls[1])).toMatchObject({ action: 'undo', undoes: 'out' })
  expect(door.did).toBeUndefined()
})

it('undoes a step that never left without asking anybody', async () => {
  const calls = serve({ 'POST /sign-ups/u1/check': down, 'POST /sign-ups/u2/check': down })
  const door = openDoor()
  door.act(step('in'), '')
  await waitFor(() => expect(door.status).toBe('offline'))
  door.act({ ...step('in'), signUp: 'u2', name: 'Grace' }, '')
  await waitFor(() => expect(calls.length).toBeGreaterThan(1))
  const did = door.did
  if (did) await door.undo(did)
  expect(door.waiting.map((a) => a.signUp)).toEqual(['u1'])
  expect(calls.every((call) => call.path === '/sign-ups/u1/check')).toBe(true)
})

it('sends how many came, and expects as many as before when that is undone', async () => {
  const calls = serve({
    'POST /sign-ups/u1/check': (call) => {
      const { action, party } = call.body as { action: string; party?: number }
      return {
        status: 200,
        body: view({ status: action === 'undo' ? 'confirmed' : 'in', party: party ?? 4 }),
      }
    },
  })
  const door = openDoor()
  door.act({ ...step('in'), party: 2, was: 4 }, '')
  expect(door.lines(seen([view({ party: 4 })]))[0]).toMatchObject({ status: 'in', party: 2, pending: true })
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  const there = view({ status: 'in', party: 2 })
  if (door.did) await door.undo(door.did)
  expect(door.lines(seen([there]))[0]).toMatchObject({ status: 'confirmed', party: 4, pending: true })
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  expect(calls.map((call) => [body(call).action, body(call).party])).toEqual([
    ['in', 2],
    ['undo', undefined],
  ])

  // The person's details know only how many came.
  door.act({ ...step('in'), party: 3, was: 4 }, '')
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  door.takeBack(step('in'), 'in')
  expect(door.lines(seen([there]))[0]).toMatchObject({ status: 'confirmed', party: 4, pending: true })
  await waitFor(() => expect(calls).toHaveLength(4))
  expect(body(calls[3])).toMatchObject({ action: 'undo', undoes: 'in' })
})

it('counts somebody who is in anew, which is undone by the former number and not by sending them away', async () => {
  const calls = serve({ 'POST /sign-ups/u1/check': () => ({ status: 200, body: view({ status: 'in' }) }) })
  const door = openDoor()
  door.act({ ...step('in'), step: 'count', party: 3, was: 2 }, '')
  await waitFor(() => expect(door.waiting).toHaveLength(0))
  if (door.did) await door.undo(door.did)
  await waitFor(() => expect(calls).toHaveLength(2))
  expect(calls.map((call) => [body(call).action, body(call).party])).toEqual([
    ['count', 3],
    ['count', 2],
  ])
})

it('never sends for another organization than the one it was done for', async () => {
  const calls = serve({ 'POST /sign-ups/u1/check': () => ({ status: 200, body: view() }) })
  const door = openDoor()
  const { session } = await import('@lib/session.svelte')
  session.enter('elsewhere')
  door.act(step('in'), '')
  await waitFor(() => expect(door.status).toBe('offline'))
  expect(calls).toHaveLength(0)
  session.enter('riverbend')
  door.wake()
  await waitFor(() => expect(calls).toHaveLength(1))
})

it('takes a list that was kept before people were counted for one person each', () => {
  const { party: _party, ...old } = view()
  keepList('2026-11-22', seen([old as DoorPerson]))
  const kept = keptList('2026-11-22')
  expect(kept && openDoor().lines(kept)[0]).toMatchObject({ name: 'Ada Lovelace', party: 1 })
})

it('remembers the last list of a day in this tab', () => {
  const list = seen([view()])
  keepList('2026-11-22', list)
  expect(keptList('2026-11-22')).toEqual(list)
  expect(keptList('2026-11-23')).toBeUndefined()
})
