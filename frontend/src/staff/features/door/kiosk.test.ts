import { screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { person } from '@lib/testing'
import { show, signIn } from '../../testing'
import type { Line } from './board'
import Kiosk from './Kiosk.svelte'
import { closeDoors, openDoor } from './state.svelte'

const line: Line = {
  sign_up_id: 'u1',
  shift_id: 's1',
  person_id: 'p1',
  name: 'Ada Lovelace',
  email_hint: '',
  phone_hint: '',
  status: 'confirmed',
  source: 'public',
  starts_local: '2026-11-22T09:00',
  no_show_note: '',
  party: 4,
  over: false,
  overrides: [],
  missing: [],
  version: 1,
  pending: false,
}

beforeEach(() => {
  localStorage.clear()
  closeDoors()
  signIn('volunteers:manage')
})
afterEach(() => vi.restoreAllMocks())

it('lets a party say that fewer came, and no more than signed up', async () => {
  const door = openDoor()
  const act = vi.spyOn(door, 'act').mockReturnValue()
  show(Kiosk, { door, lines: [line], shifts: [], shift: '', now: Date.now(), onclose: vi.fn() })
  document.querySelector('form')?.requestSubmit()
  await person().type(await screen.findByLabelText('Your name'), 'ada')
  await person().click(screen.getByRole('button', { name: 'Fewer came' }))
  const number = screen.getByLabelText('How many came')
  expect(number).toHaveFocus()
  expect(number).toHaveValue('3')
  await person().clear(number)
  await person().type(number, '5')
  number.closest('form')?.requestSubmit()
  expect(await screen.findByText('Enter a number from 1 to 4. If more came, tell the staff.')).toBeVisible()
  expect(act).not.toHaveBeenCalled()
  await person().clear(number)
  await person().type(number, '2')
  number.closest('form')?.requestSubmit()
  expect(act).toHaveBeenCalledOnce()
  expect(act.mock.calls[0]).toEqual([
    expect.objectContaining({ step: 'in', signUp: 'u1', party: 2, was: 4 }),
    'Welcome, Ada Lovelace and 1 other. You are checked in.',
  ])
  await vi.waitFor(() => expect(screen.getByLabelText('Your name')).toHaveFocus())
})
