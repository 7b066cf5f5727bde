import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { serve, signIn } from '../../testing'
import type { ActionName } from './actions'
import { draftOf } from './draft'
import { plan, pledge } from './sample'
import { send } from './send'

beforeEach(() => signIn('pledges:manage'))
afterEach(() => vi.unstubAllGlobals())

const cases: [ActionName, string, Record<string, unknown>][] = [
  ['pause', 'pause', { until: '2027-02-01' }],
  ['resume', 'resume', {}],
  ['skip', 'skip', {}],
  ['amount', 'amount', { amount: { amount_minor: 4050, currency: 'USD' }, cover_fee: true }],
  ['day', 'day', { day: 31 }],
  ['card-link', 'card-link', {}],
  ['cancel', 'cancel', { reason: 'Moved' }],
  ['reschedule', 'reschedule', { count: 4, unit: 'month', every: 3, first_on: '2027-01-31' }],
  ['write-off', 'write-off', { reason: 'Moved' }],
  ['charge', 'instalments/i2/charge', {}],
  ['remind', 'instalments/i2/remind', {}],
  ['move', 'instalments/i2/move', { due_on: '2027-03-01' }],
  ['waive', 'instalments/i2/waive', { reason: 'Moved' }],
]

it.each(cases)('%s names the version it has seen', async (name, path, body) => {
  const calls = serve({ [`POST /promises/pn1/${path}`]: () => ({ status: 200, body: plan({ version: 5 }) }) })
  const chosen = path.startsWith('instalments') ? { name, instalment: 'i2' } : { name }
  const draft = {
    ...draftOf(pledge(), chosen, '2026-11-22'),
    until: '2027-02-01',
    amount: '40.50',
    cover: true,
    day: '31',
    due: '2027-03-01',
    reason: ' Moved ',
    plan: { count: '4', often: 'month-3', first: '2027-01-31' },
  }
  expect((await send(plan(), chosen, draft)).version).toBe(5)
  expect(calls[0]?.body).toEqual({ ...body, version: 4 })
})
