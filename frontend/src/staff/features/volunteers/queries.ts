// What the screens of volunteer work ask of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import { client } from '@api/gen/client.gen'
import { addDays } from '@lib/dates'
import { newKey } from '@lib/idempotency'
import { listPeople } from '@api/gen'
import type { Found } from '@ui/Combobox.svelte'
import { key } from '../../keys'
import type {
  Ask,
  CredentialKind,
  Occurrence,
  Opportunity,
  Page,
  Place,
  Proposal,
  Refusal,
  Shift,
  ShiftDetail,
  SignUp,
  VolunteerLine,
} from './shapes'
import type { Window } from './windows'
import { dayOf } from './wall'

type Query = Record<string, string | number | boolean | undefined>
const known = (query: Query) =>
  Object.fromEntries(Object.entries(query).filter(([, v]) => v !== undefined && v !== ''))

const get = <T>(url: string, query: Query, signal: AbortSignal) =>
  client.get<T, unknown, true, 'data'>({
    url,
    query: known(query),
    signal,
    throwOnError: true,
    responseStyle: 'data',
  }) as Promise<T>
const post = <T>(url: string, body: unknown, idempotencyKey = newKey()) =>
  client.post<T, unknown, true, 'data'>({
    url,
    body,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
    throwOnError: true,
    responseStyle: 'data',
  }) as Promise<T>
const patch = <T>(url: string, body: unknown) =>
  client.patch<T, unknown, true, 'data'>({
    url,
    body,
    headers: { 'Content-Type': 'application/json' },
    throwOnError: true,
    responseStyle: 'data',
  }) as Promise<T>

// Opportunities

export const OPPORTUNITY_STATUSES = ['draft', 'published', 'closed'] as const

export const opportunitiesQuery = (filters: { status: string; search: string }, cursor = '') =>
  queryOptions({
    queryKey: key('opportunities', filters, cursor),
    queryFn: ({ signal }) =>
      get<Page<Opportunity>>('/opportunities', { ...filters, cursor, limit: 50 }, signal),
    placeholderData: keepPreviousData,
  })

/** openOpportunitiesQuery is what filters and dialogs offer: the opportunities that have shifts. */
export const openOpportunitiesQuery = () =>
  queryOptions({
    queryKey: key('opportunities', 'all'),
    queryFn: ({ signal }) => get<Page<Opportunity>>('/opportunities', { limit: 100 }, signal),
    staleTime: 60_000,
  })

export const opportunityQuery = (id: string) =>
  queryOptions({
    queryKey: key('opportunity', id),
    queryFn: ({ signal }) => get<Opportunity>(`/opportunities/${id}`, {}, signal),
    enabled: id !== '',
  })

/** OpportunityFields are what staff write. */
export type OpportunityFields = Pick<
  Opportunity,
  | 'slug'
  | 'title'
  | 'role'
  | 'summary'
  | 'why'
  | 'description'
  | 'kind'
  | 'visibility'
  | 'directions'
  | 'zone'
  | 'skills'
  | 'min_age'
  | 'contact_name'
  | 'contact_email'
  | 'contact_phone'
  | 'offer_hours'
  | 'hours_wanted'
> &
  Window & {
    cause_id?: string
    campaign_id?: string
    place: Place
    waitlist_max?: number
    starts_on?: string
    ends_on?: string
    requirements: string[]
  }

export const addOpportunity = (body: OpportunityFields) => post<Opportunity>('/opportunities', body)
export const changeOpportunity = (id: string, fields: OpportunityFields, version: number) =>
  patch<Opportunity>(`/opportunities/${id}`, { ...fields, version })
export const publish = (id: string) => post<Opportunity>(`/opportunities/${id}/publish`, {})
export const closeOpportunity = (id: string, reason: string) =>
  post<Opportunity>(`/opportunities/${id}/close`, { reason })

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
    opportunity_id: filters.opportunity,
    role: filters.role,
    unfilled: filters.unfilled || undefined,
    limit: 100,
  }
  const items: Shift[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await get<Page<Shift>>('/shifts', { ...query, cursor }, signal)
    items.push(...answer.items)
    cursor = answer.next_cursor
    if (!cursor) break
  }
  const inRange = items.filter(
    (s) => dayOf(s.starts_local) < range.until && s.ends_local > `${range.from}T00:00`,
  )
  return { items: inRange, more: Boolean(cursor) }
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
    queryFn: ({ signal }) => get<ShiftDetail>(`/shifts/${id}`, {}, signal),
    enabled: id !== '',
    refetchInterval: 30_000,
  })

/** ShiftFields are what staff say about a shift. */
export interface ShiftFields {
  title: string
  meeting_point: string
  starts_local: string
  ends_local: string
  zone: string
  places: number
  window?: Window
}

export interface PlanBody extends ShiftFields {
  repeat?: string
}

export const planShifts = (opportunity: string, body: PlanBody, idempotencyKey: string) =>
  post<{ items: Shift[] }>(`/opportunities/${opportunity}/shifts`, body, idempotencyKey)

export interface Preview {
  items: Occurrence[]
  total: number
  ends: boolean
}

/** previewQuery asks which shifts a plan would make; undefined while it is not complete. */
export const previewQuery = (opportunity: string, body: PlanBody | undefined) =>
  queryOptions({
    queryKey: key('shift-preview', opportunity, body),
    queryFn: () => post<Preview>(`/opportunities/${opportunity}/shifts/preview`, body),
    enabled: opportunity !== '' && body !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Infinity,
  })

export type Scope = 'one' | 'following'

export const changeShift = (
  id: string,
  body: ShiftFields & { version: number; scope: Scope; message: string },
) => patch<Shift>(`/shifts/${id}`, body)
export const cancelShift = (id: string, body: { scope: Scope; reason: string; message: string }) =>
  post<Shift>(`/shifts/${id}/cancel`, body)
export const copyWeek = (
  body: { from: string; to: string; opportunity_id?: string },
  idempotencyKey: string,
) => post<{ made: number; skipped: number }>('/shifts/copy-week', body, idempotencyKey)

// Sign-ups

export const checkQuery = (shift: string, person: string) =>
  queryOptions({
    queryKey: key('shift', shift, 'check', person),
    queryFn: ({ signal }) =>
      get<{ refusals: Refusal[] }>(`/shifts/${shift}/check`, { person_id: person }, signal),
    enabled: person !== '',
    retry: false,
  })

export interface NewSignUp {
  person_id?: string
  person?: { first_name: string; last_name: string; email: string; phone: string }
  wait: boolean
  override: string[]
  note: string
  tell: boolean
}

export const signUp = (shift: string, body: NewSignUp, idempotencyKey: string) =>
  post<SignUp>(`/shifts/${shift}/sign-ups`, body, idempotencyKey)
export const withdraw = (signUpId: string, reason: string) =>
  post<SignUp>(`/sign-ups/${signUpId}/withdraw`, { reason })
export const moveInLine = (signUpId: string, position: number) =>
  post<SignUp>(`/sign-ups/${signUpId}/move`, { position })

// Cover

export const proposalsQuery = (shift: string, wanted: boolean) =>
  queryOptions({
    queryKey: key('shift', shift, 'proposals'),
    queryFn: ({ signal }) => get<{ items: Proposal[] }>(`/shifts/${shift}/proposals`, {}, signal),
    enabled: wanted,
  })

export const coverQuery = (shift: string) =>
  queryOptions({
    queryKey: key('shift', shift, 'cover'),
    queryFn: ({ signal }) => get<{ asks: Ask[] }>(`/shifts/${shift}/cover`, {}, signal),
    // Answers come by mail link at any time.
    refetchInterval: ({ state }) => (state.data?.asks.some((a) => a.answer === 'asked') ? 10_000 : false),
  })

export const askToCover = (shift: string, person_ids: string[], message: string, idempotencyKey: string) =>
  post<{ asks: Ask[] }>(`/shifts/${shift}/cover`, { person_ids, message }, idempotencyKey)

// People and what they have to show

export const VOLUNTEER_STATUSES = ['prospective', 'active', 'inactive'] as const

export const volunteersQuery = (filters: { search: string; skill: string; status: string }, cursor: string) =>
  queryOptions({
    queryKey: key('volunteers', filters, cursor),
    queryFn: ({ signal }) =>
      get<Page<VolunteerLine>>('/volunteers', { ...filters, cursor, limit: 50 }, signal),
    placeholderData: keepPreviousData,
  })

export const kindsQuery = () =>
  queryOptions({
    queryKey: key('credential-kinds'),
    queryFn: ({ signal }) => get<{ items: CredentialKind[] }>('/credential-kinds', {}, signal),
  })

export type KindFields = Pick<CredentialKind, 'name' | 'description' | 'valid_months'>

export const addKind = (body: KindFields) => post<CredentialKind>('/credential-kinds', body)
export const changeKind = (id: string, body: Partial<KindFields> & { archived?: boolean }) =>
  patch<CredentialKind>(`/credential-kinds/${id}`, body)

/** findPeople searches everybody on record, for a field that completes names. */
export async function findPeople(search: string, signal: AbortSignal): Promise<Found[]> {
  const page = await listPeople({ query: { search, limit: 8 }, signal })
  return page.items.map((p) => ({ value: p.id, label: p.display_name, detail: p.email || p.phone }))
}

/** refreshVolunteering fetches anew whatever shows shifts and who has a place in them. */
export async function refreshVolunteering(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['shifts', 'shift', 'opportunities', 'opportunity', 'volunteers', 'person', 'door', 'today'].map((name) =>
      queries.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
