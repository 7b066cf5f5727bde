// What the screens of people ask of the server.

import { keepPreviousData, queryOptions } from '@tanstack/svelte-query'
import { get, send } from '@api/client'
import type { Consent, Page, Person, PersonDetail, PersonSummary, TimelineItem } from '@api/types'
import { key } from '../../keys'

export const CHANNELS: readonly Consent['channel'][] = ['email', 'phone', 'text', 'post']

export const peopleQuery = (search: string, cursor: string) =>
  queryOptions({
    queryKey: key('people', search, cursor),
    queryFn: ({ signal }) => get<Page<Person>>('/people', { query: { search, cursor, limit: 50 }, signal }),
    placeholderData: keepPreviousData,
  })

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: key('person', id),
    queryFn: ({ signal }) => get<PersonDetail>(`/people/${id}`, { signal }),
    enabled: id !== '',
  })

export const summaryQuery = (id: string) =>
  queryOptions({
    queryKey: key('person', id, 'summary'),
    queryFn: ({ signal }) => get<PersonSummary>(`/people/${id}/summary`, { signal }),
  })

export const timelineQuery = (id: string, cursor: string) =>
  queryOptions({
    queryKey: key('person', id, 'timeline', cursor),
    queryFn: ({ signal }) => get<Page<TimelineItem>>(`/people/${id}/timeline`, { query: { cursor }, signal }),
    placeholderData: keepPreviousData,
  })

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

export const createPerson = (body: Omit<ContactFields, 'do_not_contact'>) =>
  send<PersonDetail>('POST', '/people', { body })
export const updatePerson = (id: string, body: ContactFields, version: number) =>
  send<PersonDetail>('PATCH', `/people/${id}`, { body: { ...body, version } })
export const setConsent = (id: string, channel: string, granted: boolean) =>
  send<unknown>('PUT', `/people/${id}/consents/${channel}`, { body: { granted } })
