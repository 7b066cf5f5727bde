// What the registry screen asks of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import { claimRegistryEntry, getRegistryClaim, releaseRegistryClaim, searchRegistry } from '@api/gen'
import type { RegistryClaim } from '@api/types'
import { asApiError } from '@lib/problem'
import { key } from '../../keys'

/** einOf recognises an employer identification number, "83-0123456" or nine digits. */
export function einOf(text: string): string {
  return /^\d{2}-?\d{7}$/.test(text.trim()) ? text.trim() : ''
}

export const registryQuery = (search: string, cursor: string) =>
  queryOptions({
    queryKey: key('registry', search, cursor),
    queryFn: ({ signal }) => {
      const ein = einOf(search)
      return searchRegistry({ query: ein ? { ein } : { search, ...(cursor ? { cursor } : {}) }, signal })
    },
    enabled: search.length >= 2,
    placeholderData: keepPreviousData,
  })

export const claimQuery = () =>
  queryOptions({
    queryKey: key('registry-claim'),
    // "Nothing claimed yet" is an answer and not a failure.
    queryFn: async ({ signal }): Promise<RegistryClaim | null> => {
      try {
        return await getRegistryClaim({ signal })
      } catch (thrown) {
        if (asApiError(thrown).status === 404) return null
        throw thrown
      }
    },
  })

export const claimEntry = (ein: string) => claimRegistryEntry({ body: { ein } })
export const releaseEntry = () => releaseRegistryClaim()

/** refreshClaim fetches anew whatever shows who the organization is. */
export async function refreshClaim(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['registry', 'registry-claim', 'organization'].map((name) =>
      queries.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
