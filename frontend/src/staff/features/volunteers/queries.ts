// What the screens of volunteer work ask of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import {
  askToCover,
  cancelShift,
  changeCredentialKind,
  changeShift,
  closeOpportunity,
  copyWeek,
  createCredentialKind,
  createOpportunity,
  getOpportunity,
  getShift,
  listCover,
  listCredentialKinds,
  listOpportunities,
  listRefusals,
  listShifts,
  listVolunteers,
  moveSignUp,
  planShifts,
  previewShifts,
  proposeCover,
  publishOpportunity,
  resizeSignUp,
  reviseOpportunity,
  signUpPerson,
  withdrawSignUp,
} from '@api/gen'
import type { NewSignUp, OpportunityFields, ShiftChange, ShiftPlan } from '@api/types'
import { addDays } from '@lib/dates'
import { key } from '../../keys'
import type { CredentialKind, Shift } from './shapes'
import { dayOf } from './wall'

// Opportunities

export const OPPORTUNITY_STATUSES = ['draft', 'published', 'closed'] as const

export const opportunitiesQuery = (filters: { status: string; search: string }, cursor = '') =>
  queryOptions({
    queryKey: key('opportunities', filters, cursor),
    queryFn: ({ signal }) => {
      const status = OPPORTUNITY_STATUSES.find((s) => s === filters.status)
      return listOpportunities({
        query: {
          limit: 50,
          ...(status ? { status } : {}),
          ...(filters.search ? { search: filters.search } : {}),
          ...(cursor ? { cursor } : {}),
        },
        signal,
      })
    },
    placeholderData: keepPreviousData,
  })

/** openOpportunitiesQuery is what filters and dialogs offer: the opportunities that have shifts. */
export const openOpportunitiesQuery = () =>
  queryOptions({
    queryKey: key('opportunities', 'all'),
    queryFn: ({ signal }) => listOpportunities({ query: { limit: 100 }, signal }),
    staleTime: 60_000,
  })

export const opportunityQuery = (id: string) =>
  queryOptions({
    queryKey: key('opportunity', id),
    queryFn: ({ signal }) => getOpportunity({ path: { id }, signal }),
    enabled: id !== '',
  })

export const addOpportunity = (body: OpportunityFields) => createOpportunity({ body })
export const changeOpportunity = (id: string, fields: OpportunityFields, version: number) =>
  reviseOpportunity({ path: { id }, body: { ...fields, version } })
export const publish = (id: string) => publishOpportunity({ path: { id } })
export const close = (id: string, reason: string) => closeOpportunity({ path: { id }, body: { reason } })

// Shifts

export interface ShiftFilters {
  opportunity: string
  role: string
  unfilled: boolean
}

/** MOST_PAGES bounds what one view of the calendar loads; more is said, never dropped in silence. */
const MOST_PAGES = 5

export interface Range {
  /** from and until are calendar days of the place, until exclusive */
  from: string
  until: string
}

async function loadShifts(range: Range, filters: ShiftFilters, signal: AbortSignal) {
  const query = {
    // A day of the place begins up to 14 hours before or after that of Greenwich: ask for more, and keep what is on its days.
    from: `${addDays(range.from, -1)}T00:00:00Z`,
    to: `${addDays(range.until, 1)}T00:00:00Z`,
    limit: 100,
    ...(filters.opportunity ? { opportunity_id: filters.opportunity } : {}),
    ...(filters.role ? { role: filters.role } : {}),
    ...(filters.unfilled ? { unfilled: true } : {}),
  }
  const items: Shift[] = []
  let cursor = ''
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await listShifts({ query: { ...query, ...(cursor ? { cursor } : {}) }, signal })
    items.push(...answer.items)
    cursor = answer.next_cursor ?? ''
    if (!cursor) break
  }
  const inRange = items.filter(
    (s) => dayOf(s.starts_local) < range.until && s.ends_local > `${range.from}T00:00`,
  )
  return { items: inRange, more: cursor !== '' }
}

export const shiftsQuery = (range: Range, filters: ShiftFilters) =>
  queryOptions({
    queryKey: key('shifts', range, filters),
    queryFn: ({ signal }) => loadShifts(range, filters, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })

const AHEAD = 27 * 7 // the server makes the shifts of a series 26 weeks ahead

/** followingQuery finds the shifts that a change of "this and those that follow" would concern. */
export const followingQuery = (shift: Shift | undefined) =>
  queryOptions({
    queryKey: key('shifts', 'following', shift?.id),
    queryFn: async ({ signal }) => {
      if (!shift) return []
      const day = dayOf(shift.starts_local)
      const filters = { opportunity: shift.opportunity_id, role: '', unfilled: false }
      const { items } = await loadShifts({ from: day, until: addDays(day, AHEAD) }, filters, signal)
      return items.filter(
        (s) =>
          s.id === shift.id ||
          (s.series_id === shift.series_id &&
            !s.detached &&
            s.status === 'open' &&
            s.starts_at >= shift.starts_at),
      )
    },
    enabled: Boolean(shift?.series_id),
  })

export const shiftQuery = (id: string) =>
  queryOptions({
    queryKey: key('shift', id),
    queryFn: ({ signal }) => getShift({ path: { id }, signal }),
    enabled: id !== '',
    refetchInterval: 30_000,
  })

export const plan = (opportunity: string, body: ShiftPlan, idempotencyKey: string) =>
  planShifts({ path: { id: opportunity }, body, headers: { 'Idempotency-Key': idempotencyKey } })

/** previewQuery asks which shifts a plan would make; undefined while it is not complete. */
export const previewQuery = (opportunity: string, body: ShiftPlan | undefined) =>
  queryOptions({
    queryKey: key('shift-preview', opportunity, body),
    queryFn: ({ signal }) => previewShifts({ path: { id: opportunity }, body: body as ShiftPlan, signal }),
    enabled: opportunity !== '' && body !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
  })

export type Scope = 'one' | 'following'

export const change = (id: string, body: ShiftChange) => changeShift({ path: { id }, body })
export const cancel = (id: string, body: { scope: Scope; reason: string; message: string }) =>
  cancelShift({ path: { id }, body })
export const copy = (body: { from: string; to: string; opportunity_id?: string }, idempotencyKey: string) =>
  copyWeek({ body, headers: { 'Idempotency-Key': idempotencyKey } })

// Sign-ups

/** checkQuery asks what stands against a sign-up of so many people; of the shift alone while nobody on record is named. */
export const checkQuery = (shift: string, person: string, party: number) =>
  queryOptions({
    queryKey: key('shift', shift, 'check', person, party),
    queryFn: ({ signal }) =>
      listRefusals({
        path: { id: shift },
        query: { party, ...(person ? { person_id: person } : {}) },
        signal,
      }),
    placeholderData: (before, query) => (query?.queryKey.at(-2) === person ? before : undefined),
    retry: false,
  })

export const signUp = (shift: string, body: NewSignUp, idempotencyKey: string) =>
  signUpPerson({ path: { id: shift }, body, headers: { 'Idempotency-Key': idempotencyKey } })
export const withdraw = (id: string, reason: string) => withdrawSignUp({ path: { id }, body: { reason } })
export const resize = (id: string, party: number) => resizeSignUp({ path: { id }, body: { party } })
export const moveInLine = (id: string, position: number) => moveSignUp({ path: { id }, body: { position } })

// Cover

export const proposalsQuery = (shift: string, wanted: boolean) =>
  queryOptions({
    queryKey: key('shift', shift, 'proposals'),
    queryFn: ({ signal }) => proposeCover({ path: { id: shift }, signal }),
    enabled: wanted,
  })

export const coverQuery = (shift: string) =>
  queryOptions({
    queryKey: key('shift', shift, 'cover'),
    queryFn: ({ signal }) => listCover({ path: { id: shift }, signal }),
    // Answers come by mail link at any time.
    refetchInterval: ({ state }) => (state.data?.asks.some((a) => a.answer === 'asked') ? 10_000 : false),
  })

export const ask = (shift: string, person_ids: string[], message: string, idempotencyKey: string) =>
  askToCover({
    path: { id: shift },
    body: { person_ids, message },
    headers: { 'Idempotency-Key': idempotencyKey },
  })

// People and what they have to show

export const VOLUNTEER_STATUSES = ['prospective', 'active', 'inactive'] as const

export const volunteersQuery = (filters: { search: string; skill: string; status: string }, cursor: string) =>
  queryOptions({
    queryKey: key('volunteers', filters, cursor),
    queryFn: ({ signal }) => {
      const status = VOLUNTEER_STATUSES.find((s) => s === filters.status)
      return listVolunteers({
        query: {
          limit: 50,
          ...(status ? { status } : {}),
          ...(filters.search ? { search: filters.search } : {}),
          ...(filters.skill ? { skill: filters.skill } : {}),
          ...(cursor ? { cursor } : {}),
        },
        signal,
      })
    },
    placeholderData: keepPreviousData,
  })

export const kindsQuery = () =>
  queryOptions({
    queryKey: key('credential-kinds'),
    queryFn: ({ signal }) => listCredentialKinds({ query: { limit: 100 }, signal }),
  })

export type KindFields = Pick<CredentialKind, 'name' | 'description' | 'valid_months'>

export const addKind = (body: KindFields) => createCredentialKind({ body })
export const changeKind = (id: string, body: Partial<KindFields> & { archived?: boolean }) =>
  changeCredentialKind({ path: { id }, body })

/** refreshVolunteering fetches anew whatever shows shifts and who has a place in them. */
export async function refreshVolunteering(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['shifts', 'shift', 'opportunities', 'opportunity', 'volunteers', 'person', 'door', 'today'].map((name) =>
      queries.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
