import { beforeEach, expect, it } from 'vitest'
import type { SessionBody } from '@api/types'
import { session } from './session.svelte'

const member = (slug: string, kind = 'nonprofit') => ({
  organization: { slug, kind },
  role: 'owner',
  permissions: [],
})

beforeEach(() => {
  localStorage.clear()
  // As the server lists them: the one joined first before the others.
  session.accept({
    memberships: [member('acme', 'company'), member('riverbend'), member('harbor')],
  } as unknown as SessionBody)
})

it('starts at the nonprofit joined first, and later where one was last', () => {
  expect(session.preferred('nonprofit')).toBe('riverbend')
  session.enter('harbor')
  expect(session.preferred('nonprofit')).toBe('harbor')
})

it('never starts where one is no longer a member, nor at another kind of organization', () => {
  session.enter('elsewhere')
  expect(session.preferred('nonprofit')).toBe('riverbend')
  expect(session.preferred('company')).toBe('acme')
})
