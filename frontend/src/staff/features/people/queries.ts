// What the screens of people ask of the server.

import { keepPreviousData, queryOptions } from '@tanstack/svelte-query'
import {
  anonymisePerson,
  changePerson,
  createPerson,
  getPerson,
  listPeople,
  personSummary,
  personTimeline,
  recordConsent,
} from '@api/gen'
import type { Consent, PersonDetail } from '@api/types'
import type { Found } from '@ui/Combobox.svelte'
import { key } from '../../keys'

export const CHANNELS: readonly Consent['channel'][] = ['email', 'phone', 'text', 'post']

export const peopleQuery = (search: string, cursor: string) =>
  queryOptions({
    queryKey: key('people', search, cursor),
    queryFn: ({ signal }) =>
      listPeople({
        query: { limit: 50, ...(search ? { search } : {}), ...(cursor ? { cursor } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: key('person', id),
    queryFn: ({ signal }) => getPerson({ path: { id }, signal }),
    enabled: id !== '',
  })

export const summaryQuery = (id: string) =>
  queryOptions({
    queryKey: key('person', id, 'summary'),
    queryFn: ({ signal }) => personSummary({ path: { id }, signal }),
  })

export const timelineQuery = (id: string, cursor: string) =>
  queryOptions({
    queryKey: key('person', id, 'timeline', cursor),
    queryFn: ({ signal }) => personTimeline({ path: { id }, query: cursor ? { cursor } : {}, signal }),
    placeholderData: keepPreviousData,
  })

/** findPeople searches everybody on record, for a field that completes names. */
export async function findPeople(search: string, signal: AbortSignal): Promise<Found[]> {
  const page = await listPeople({ query: { search, limit: 8 }, signal })
  return page.items.map((p) => ({ value: p.id, label: p.display_name, detail: p.email || p.phone }))
}

/** ContactFields are what staff may change about a person. */
export type ContactFields = Pick<
  PersonDetail,
  | 'first_name'
  | 'last_name'
  | 'email'
  | 'phone'
  | 'address_line1'
  | 'address_line2'
  | 'city'
  | 'region'
  | 'postal_code'
  | 'country'
  | 'employer'
  | 'do_not_contact'
>

/** addPerson makes a record; that somebody must not be contacted is known only later. */
export function addPerson({ do_not_contact: _later, ...body }: ContactFields) {
  return createPerson({ body })
}

export const updatePerson = (id: string, body: ContactFields, version: number) =>
  changePerson({ path: { id }, body: { ...body, version } })
export const anonymise = (id: string) => anonymisePerson({ path: { id } })
export const setConsent = (id: string, channel: Consent['channel'], granted: boolean) =>
  recordConsent({ path: { id, channel }, body: { granted } })
