// What the screens of hours ask of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import {
  correctVolunteerHours,
  decideVolunteerHours,
  listOpportunities,
  listVolunteerHours,
  recordVolunteerHours,
  totalVolunteerHours,
} from '@api/gen'
import type { Hours } from '@api/types'
import type { Found } from '@ui/Combobox.svelte'
import { key } from '../../keys'

export const STATUSES: readonly Hours['status'][] = ['pending', 'approved', 'rejected']
export const GROUPS = ['opportunity', 'role', 'month'] as const
export type Group = (typeof GROUPS)[number]

/** FILTERS are the names of the filters in the address, beside the status. */
export const FILTERS = ['opportunity', 'from', 'to'] as const
export type HoursFilters = Record<'status' | (typeof FILTERS)[number], string>

/** statusOf reads which hours an address asks for. If it does not say, it is the queue of what waits for a decision. */
export function statusOf(address: URLSearchParams): string {
  const status = address.get('status') ?? 'pending'
  return STATUSES.some((s) => s === status) ? status : ''
}

/** paramsOf writes the filters as the server names them. */
export const paramsOf = ({ status, opportunity, from, to }: HoursFilters) => ({
  ...(status ? { status: status as Hours['status'] } : {}),
  ...(opportunity ? { opportunity_id: opportunity } : {}),
  ...(from ? { from } : {}),
  ...(to ? { to } : {}),
})

export const hoursQuery = (filters: HoursFilters, cursor: string) =>
  queryOptions({
    queryKey: key('hours', filters, cursor),
    queryFn: ({ signal }) =>
      listVolunteerHours({
        query: { limit: 50, ...paramsOf(filters), ...(cursor ? { cursor } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

export const hoursOfPersonQuery = (person: string, cursor: string) =>
  queryOptions({
    queryKey: key('hours', 'person', person, cursor),
    queryFn: ({ signal }) =>
      listVolunteerHours({
        query: { limit: 20, person_id: person, ...(cursor ? { cursor } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

export const totalsQuery = (by: Group, from: string, to: string) =>
  queryOptions({
    queryKey: key('hours', 'totals', by, from, to),
    queryFn: ({ signal }) =>
      totalVolunteerHours({ query: { by, ...(from ? { from } : {}), ...(to ? { to } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

/** offeredQuery lists opportunities to choose from. */
export const offeredQuery = () =>
  queryOptions({
    queryKey: key('opportunities', 'choices'),
    queryFn: ({ signal }) => listOpportunities({ query: { limit: 100 }, signal }),
    staleTime: 60_000,
  })

/** findOpportunities searches those that time can be given to. */
export async function findOpportunities(search: string, signal: AbortSignal): Promise<Found[]> {
  const page = await listOpportunities({ query: { search, limit: 10 }, signal })
  return page.items
    .filter((o) => o.status !== 'draft')
    .map((o) => ({ value: o.id, label: o.title, ...(o.role ? { detail: o.role } : {}) }))
}

interface Decision {
  ids: string[]
  decision: 'approve' | 'reject'
  reason?: string
}

export const decide = (body: Decision, idempotencyKey: string) =>
  decideVolunteerHours({ body, headers: { 'Idempotency-Key': idempotencyKey } })

interface Correction {
  version: number
  on: string
  minutes: number
  people: number
  reason: string
}

export const correct = (id: string, body: Correction, idempotencyKey: string) =>
  correctVolunteerHours({ path: { id }, body, headers: { 'Idempotency-Key': idempotencyKey } })

interface NewHours {
  person_id: string
  opportunity_id: string
  on: string
  minutes: number
  people: number
  note: string
}

export const log = (body: NewHours, idempotencyKey: string) =>
  recordVolunteerHours({ body, headers: { 'Idempotency-Key': idempotencyKey } })

/** refreshHours fetches anew whatever shows hours. */
export async function refreshHours(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['hours', 'volunteer', 'volunteers', 'person', 'today'].map((name) =>
      queries.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
