// What the screen of payouts asks of the server.

import { keepPreviousData, queryOptions } from '@tanstack/svelte-query'
import { listPayouts, matchPayout } from '@api/gen'
import { key } from '../../keys'

export const payoutsQuery = (cursor: string) =>
  queryOptions({
    queryKey: key('payouts', cursor),
    queryFn: ({ signal }) => listPayouts({ query: { limit: 50, ...(cursor ? { cursor } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

/** foundOnStatement books that a payout is on the bank statement; a second time it changes nothing. */
export const foundOnStatement = (id: string) => matchPayout({ path: { id } })
