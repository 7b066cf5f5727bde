import { screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Volunteer } from '@api/types'
import { serve, show, signIn } from '../../testing'
import CredentialDialog from './CredentialDialog.svelte'

beforeEach(() => signIn('volunteers:read', 'volunteers:manage'))
afterEach(() => vi.unstubAllGlobals())

it('asks for nothing before there is anything to choose from', async () => {
  serve({})
  const volunteer = { person_id: 'p1', name: 'Ada Lovelace' } as Volunteer
  show(CredentialDialog, { volunteer, onclose: vi.fn() })
  document.querySelector<HTMLFormElement>('#proof-form')?.requestSubmit()
  expect(await screen.findByText('Could not load the kinds of credential.')).toBeVisible()
  expect(screen.queryByText('Choose what it is.')).toBeNull()
})
