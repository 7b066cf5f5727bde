import { screen } from '@testing-library/svelte'
import { beforeEach, expect, it, vi } from 'vitest'
import type { DoorPerson } from '@api/types'
import { person } from '@lib/testing'
import { serve, show, signIn } from '../../testing'
import PersonSheet from './PersonSheet.svelte'
import { closeDoors, openDoor } from './state.svelte'

const line = {
  sign_up_id: 'u1',
  shift_id: 's1',
  person_id: 'p1',
  name: 'Ada Lovelace',
  email_hint: '',
  phone_hint: '',
  status: 'in',
  source: 'public',
  starts_local: '2026-11-22T09:00',
  checked_in_at: '2026-11-22T09:00:00Z',
  no_show_note: '',
  party: 3,
  over: false,
  overrides: [],
  missing: [],
  version: 1,
  pending: false,
} satisfies DoorPerson & { pending: boolean }

beforeEach(() => {
  localStorage.clear()
  closeDoors()
  signIn('volunteers:manage')
})

it('counts anew only when the number is another one, and stays open otherwise', async () => {
  serve({ 'POST /sign-ups/u1/check': () => ({ status: 200, body: { ...line, party: 4 } }) })
  const door = openDoor()
  const act = vi.spyOn(door, 'act')
  const closed = vi.fn()
  show(PersonSheet, { door, line, shift: undefined, drift: 0, onclose: closed })
  const number = screen.getByLabelText('How many came')
  await person().type(number, '{Enter}')
  number.closest('form')?.requestSubmit()
  expect(closed).not.toHaveBeenCalled()
  expect(act).not.toHaveBeenCalled()

  await person().click(screen.getByRole('button', { name: 'One more' }))
  number.closest('form')?.requestSubmit()
  expect(closed).toHaveBeenCalledOnce()
  expect(act.mock.calls[0]?.[0]).toMatchObject({ step: 'count', party: 4, was: 3 })
})
