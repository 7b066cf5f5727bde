// What the screens of regular gifts and pledges ask of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import {
  getPromise,
  listAuditEvents,
  listCardsOfPerson,
  listPromises,
  listPromisesOfPerson,
  previewPledge,
  promisesAttention,
  promisesForecast,
  recordPledge,
  type ListPromisesData,
} from '@api/gen'
import type { NewPledge, PromiseDetail } from '@api/types'
import { key } from '../../keys'

type Query = NonNullable<ListPromisesData['query']>
export type Standing = NonNullable<Query['standing']>

export const KINDS = ['plan', 'pledge'] as const

/** STANDINGS are what the list can be narrowed to, in the order of what needs somebody. */
export const STANDINGS: readonly Standing[] = [
  'active',
  'paused',
  'past_due',
  'needs_payment_method',
  'overdue',
  'delinquent',
  'lapsed',
  'pending_setup',
  'completed',
  'written_off',
  'cancelled',
]

export const FILTERS = ['search', 'kind', 'standing'] as const
export type PromiseFilters = Record<(typeof FILTERS)[number], string>

/** requestOf turns the filters into the server's and drops what it does not know. */
export function requestOf(filters: PromiseFilters): Query {
  const kind = KINDS.find((k) => k === filters.kind)
  const standing = STANDINGS.find((s) => s === filters.standing)
  return {
    ...(filters.search ? { search: filters.search } : {}),
    ...(kind ? { kind } : {}),
    ...(standing ? { standing } : {}),
  }
}

export const promisesQuery = (filters: PromiseFilters, cursor: string) =>
  queryOptions({
    queryKey: key('promises', filters, cursor),
    queryFn: ({ signal }) =>
      listPromises({ query: { ...requestOf(filters), limit: 50, ...(cursor ? { cursor } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

// A charge moves after the answer came: look again while money may be moving.
const SOON = 2_500
const MOVING = ['due', 'attempting', 'processing']

/** isMoving tells whether a payment of the promise is under way right now. */
export const isMoving = (promise: PromiseDetail | undefined): boolean =>
  promise?.instalments.some((i) => MOVING.includes(i.state)) ?? false

export const promiseQuery = (id: string) =>
  queryOptions({
    queryKey: key('promise', id),
    queryFn: ({ signal }) => getPromise({ path: { id }, signal }),
    enabled: id !== '',
    refetchInterval: ({ state }) => (isMoving(state.data) ? SOON : false),
  })

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: key('audit', 'promise', id),
    queryFn: ({ signal }) =>
      listAuditEvents({ query: { subject_type: 'promise', subject_id: id, limit: 50 }, signal }),
  })

export const attentionQuery = (cursor: string, limit = 50) =>
  queryOptions({
    queryKey: key('promises', 'attention', cursor, limit),
    queryFn: ({ signal }) => promisesAttention({ query: { limit, ...(cursor ? { cursor } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

export const forecastQuery = (months: number) =>
  queryOptions({
    queryKey: key('promises', 'forecast', months),
    queryFn: ({ signal }) => promisesForecast({ query: { months }, signal }),
    placeholderData: keepPreviousData,
  })

export const personPromisesQuery = (person: string, open = false) =>
  queryOptions({
    queryKey: key('person', person, 'promises', open),
    queryFn: ({ signal }) =>
      listPromisesOfPerson({ path: { id: person }, query: open ? { open } : {}, signal }),
    enabled: person !== '',
  })

export const personCardsQuery = (person: string) =>
  queryOptions({
    queryKey: key('person', person, 'cards'),
    queryFn: ({ signal }) => listCardsOfPerson({ path: { id: person }, signal }),
    enabled: person !== '',
  })

export type Plan = Pick<NewPledge, 'total' | 'count' | 'unit' | 'every' | 'first_on'>

/** previewQuery asks for the instalments that a schedule would have; undefined while it is not complete. */
export const previewQuery = (plan: Plan | undefined) =>
  queryOptions({
    queryKey: key('pledge-preview', plan),
    queryFn: () => previewPledge({ body: plan as Plan }),
    enabled: plan !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
  })

/** take stores what a person promised. */
export const take = (pledge: NewPledge, idempotencyKey: string) =>
  recordPledge({ body: pledge, headers: { 'Idempotency-Key': idempotencyKey } })

/** refreshPromises fetches anew whatever shows promises, and the gifts that pay them. */
export async function refreshPromises(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['promises', 'promise', 'audit', 'today', 'person', 'gifts', 'campaigns', 'campaign', 'ledger'].map(
      (name) => queries.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
