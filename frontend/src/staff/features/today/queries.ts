// What the first screen asks of the server.

import { queryOptions } from '@tanstack/svelte-query'
import { today, volunteersToday } from '@api/gen'
import { key } from '../../keys'

export const todayQuery = () =>
  queryOptions({
    queryKey: key('today'),
    queryFn: ({ signal }) => today({ signal }),
    refetchInterval: 60_000,
  })

export const volunteersTodayQuery = () =>
  queryOptions({
    queryKey: key('today', 'volunteers'),
    queryFn: ({ signal }) => volunteersToday({ signal }),
    refetchInterval: 60_000,
  })
