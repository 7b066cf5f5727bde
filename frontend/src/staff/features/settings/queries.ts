// What the settings ask of the server.

import { queryOptions } from '@tanstack/svelte-query'
import {
  changeOrganization,
  changeRole,
  createToken,
  inviteMember,
  listScopes,
  listTeam,
  listTokens,
  removeMember,
  revokeInvitation,
  revokeToken,
  showOrganization,
  type CreateTokenData,
} from '@api/gen'
import type { Member, OrganizationPatch } from '@api/types'
import { key } from '../../keys'

export type Role = Member['role']
export type Scope = CreateTokenData['body']['scopes'][number]

export const organizationQuery = () =>
  queryOptions({ queryKey: key('organization'), queryFn: ({ signal }) => showOrganization({ signal }) })

export const updateOrganization = (body: OrganizationPatch) => changeOrganization({ body })

export const teamQuery = () =>
  queryOptions({ queryKey: key('team'), queryFn: ({ signal }) => listTeam({ signal }) })

export const invite = (email: string, role: Role) => inviteMember({ body: { email, role } })
export const withdraw = (id: string) => revokeInvitation({ path: { id } })
export const setRole = (login_id: string, role: Role) => changeRole({ path: { login_id }, body: { role } })
export const remove = (login_id: string) => removeMember({ path: { login_id } })

export const tokensQuery = () =>
  queryOptions({ queryKey: key('tokens'), queryFn: ({ signal }) => listTokens({ signal }) })

export const scopesQuery = () =>
  queryOptions({ queryKey: key('scopes'), queryFn: ({ signal }) => listScopes({ signal }) })

export const addToken = (body: CreateTokenData['body']) => createToken({ body })
export const revoke = (id: string) => revokeToken({ path: { id } })
