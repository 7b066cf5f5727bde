// What the settings ask of the server.

import { queryOptions } from '@tanstack/svelte-query'
import { get, send } from '@api/client'
import type { Organization, Team, Token } from '@api/types'
import { key } from '../../keys'

export const organizationQuery = () =>
  queryOptions({
    queryKey: key('organization'),
    queryFn: ({ signal }) => get<Organization>('/organization', { signal }),
  })

export const updateOrganization = (body: Partial<Organization>) =>
  send<Organization>('PATCH', '/organization', { body })

export const teamQuery = () =>
  queryOptions({ queryKey: key('team'), queryFn: ({ signal }) => get<Team>('/team', { signal }) })

export const invite = (email: string, role: string) =>
  send<unknown>('POST', '/team/invitations', { body: { email, role } })
export const withdrawInvitation = (id: string) => send<void>('DELETE', `/team/invitations/${id}`)
export const changeRole = (loginId: string, role: string) =>
  send<unknown>('PATCH', `/team/${loginId}`, { body: { role } })
export const removeMember = (loginId: string) => send<void>('DELETE', `/team/${loginId}`)

export const tokensQuery = () =>
  queryOptions({
    queryKey: key('tokens'),
    queryFn: ({ signal }) => get<{ items: Token[] }>('/tokens', { signal }),
  })

export const scopesQuery = () =>
  queryOptions({
    queryKey: key('scopes'),
    queryFn: ({ signal }) => get<{ items: string[] }>('/scopes', { signal }),
  })

export const createToken = (body: { name: string; scopes: string[]; expires_in_days?: number }) =>
  send<Token & { token: string }>('POST', '/tokens', { body })
export const revokeToken = (id: string) => send<void>('DELETE', `/tokens/${id}`)
