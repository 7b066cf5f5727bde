// What is asked of the server about a person as a volunteer.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import {
  addCredential,
  changeVolunteer,
  confirmCredential,
  forgiveNoShows,
  getVolunteer,
  listPersonSignUps,
  personTime,
  removeCredential,
} from '@api/gen'
import type { Volunteer } from '@api/types'
import { key } from '../../keys'

export const volunteerQuery = (id: string) =>
  queryOptions({
    queryKey: key('volunteer', id),
    queryFn: ({ signal }) => getVolunteer({ path: { id }, signal }),
    enabled: id !== '',
  })

/** timeQuery is how much time a person gave, for the strip of their page. */
export const timeQuery = (id: string) =>
  queryOptions({
    queryKey: key('volunteer', id, 'time'),
    queryFn: ({ signal }) => personTime({ path: { id }, signal }),
    enabled: id !== '',
  })

export const signUpsQuery = (id: string, cursor: string) =>
  queryOptions({
    queryKey: key('volunteer', id, 'sign-ups', cursor),
    queryFn: ({ signal }) =>
      listPersonSignUps({ path: { id }, query: { limit: 20, ...(cursor ? { cursor } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

/** ProfileFields are what staff may change about a volunteer. */
export type ProfileFields = Pick<
  Volunteer,
  'status' | 'skills' | 'interests' | 'availability' | 'notes' | 'reminders' | 'can_be_asked'
> & { birth_date: string }

/** fieldsOf are the fields as they stand. */
export const fieldsOf = (v: Volunteer): ProfileFields => ({
  status: v.status,
  skills: [...v.skills],
  interests: [...v.interests],
  availability: v.availability,
  notes: v.notes,
  reminders: v.reminders,
  can_be_asked: v.can_be_asked,
  birth_date: v.birth_date ?? '',
})

export const saveProfile = (id: string, body: ProfileFields, version: number) =>
  changeVolunteer({ path: { id }, body: { ...body, version } })

export const forgive = (id: string) => forgiveNoShows({ path: { id } })

interface NewCredential {
  kind_id: string
  issued_on: string
  expires_on?: string
  note?: string
  confirmed?: boolean
}

export const addProof = (id: string, body: NewCredential) => addCredential({ path: { id }, body })
export const confirmProof = (id: string) => confirmCredential({ path: { id } })
export const removeProof = (id: string) => removeCredential({ path: { id } })

/** refreshVolunteer fetches anew whatever shows what is known of a volunteer. */
export async function refreshVolunteer(queries: QueryClient, id: string): Promise<void> {
  await Promise.all(
    [key('volunteer', id), key('volunteers'), key('person', id)].map((queryKey) =>
      queries.invalidateQueries({ queryKey }),
    ),
  )
}
