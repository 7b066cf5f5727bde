// What the first screen asks of the server.

import { queryOptions } from '@tanstack/svelte-query'
import { get } from '@api/client'
import type { Today } from '@api/types'
import { key } from '../../keys'

export const todayQuery = () =>
  queryOptions({
    queryKey: key('today'),
    queryFn: ({ signal }) => get<Today>('/today', { signal }),
    refetchInterval: 60_000,
  })
