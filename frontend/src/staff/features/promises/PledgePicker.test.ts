import { screen, waitFor } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import PledgePicker from './PledgePicker.svelte'
import { part, plan, pledge } from './sample'

beforeEach(() => signIn('donations:read', 'donations:record'))
afterEach(() => vi.unstubAllGlobals())

const open = (...items: unknown[]) =>
  serve({
    'GET /people/p1/promises': () => ({ status: 200, body: { items } }),
    'GET /promises/pl1': () => ({
      status: 200,
      body: pledge({ instalments: [part(1, { state: 'paid' }), part(2), part(3)] }),
    }),
  })

it('suggests the first open instalment of an open pledge, and says what the amount does', async () => {
  open(plan(), pledge())
  const onchoose = vi.fn()
  show(PledgePicker, { id: 'x', person: 'p1', amount: '60', onchoose })
  expect(await screen.findByText(/^\$40\.00 is missing: it is added to instalment 3/)).toBeVisible()
  expect(screen.getByLabelText('Instalment')).toHaveDisplayValue('2: $100.00, due Feb 15, 2026')
  expect(onchoose.mock.lastCall?.[0]).toMatchObject({ instalment: { id: 'i2' }, pledge: { id: 'pl1' } })
})

it('lets it be an extra gift', async () => {
  open(pledge())
  const onchoose = vi.fn()
  show(PledgePicker, { id: 'x', person: 'p1', amount: '100', onchoose })
  await screen.findByText('It pays instalment 2 in full.')
  await person().selectOptions(screen.getByLabelText('Pledge'), 'No, it is an extra gift')
  await waitFor(() => expect(onchoose).toHaveBeenLastCalledWith(undefined))
  expect(screen.queryByLabelText('Instalment')).toBeNull()
})

it('is not there for somebody who pledged nothing', async () => {
  const calls = open(plan())
  const onchoose = vi.fn()
  show(PledgePicker, { id: 'x', person: 'p1', amount: '', onchoose })
  await waitFor(() => expect(calls).toHaveLength(1))
  expect(screen.queryByText('Does it pay a pledge?')).toBeNull()
  expect(onchoose).toHaveBeenLastCalledWith(undefined)
})
