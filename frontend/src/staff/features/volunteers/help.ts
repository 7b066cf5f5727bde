// What the screen of offers of help asks of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import { answerHelpOffer, listHelpOffers, reopenHelpOffer } from '@api/gen'
import type { HelpOffer } from '@api/types'
import { key } from '../../keys'

export const HELP_STATUSES: readonly HelpOffer['status'][] = ['open', 'answered']

/** statusOf reads which offers an address asks for. If it does not say, it is those that wait for an answer. */
export function statusOf(address: URLSearchParams): HelpOffer['status'] | undefined {
  const status = address.get('status') ?? 'open'
  return HELP_STATUSES.find((s) => s === status)
}

export const helpQuery = (status: HelpOffer['status'] | undefined, cursor: string) =>
  queryOptions({
    queryKey: key('help-offers', status, cursor),
    queryFn: ({ signal }) =>
      listHelpOffers({
        query: { limit: 25, ...(status ? { status } : {}), ...(cursor ? { cursor } : {}) },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

export const answer = (id: string) => answerHelpOffer({ path: { id } })
export const reopen = (id: string) => reopenHelpOffer({ path: { id } })

/** refreshHelp fetches anew whatever shows offers of help. */
export async function refreshHelp(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['help-offers', 'today', 'person'].map((name) => queries.invalidateQueries({ queryKey: key(name) })),
  )
}
