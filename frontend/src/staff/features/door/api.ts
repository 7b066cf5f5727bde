// What the door asks of the server.

import { queryOptions } from '@tanstack/svelte-query'
import { checkInWalkIn, checkSignUp, findDoorCode, getDoor } from '@api/gen'
import type { DoorBoard, DoorPerson } from '@api/types'
import { key } from '../../keys'
import type { Action } from './queue'

/** Seen is a board with this device's times: when it was asked for, and when it came, which tells how wrong the device's clock is. */
export interface Seen {
  board: DoorBoard
  asked: number
  at: number
}

/** SLOW is how long an answer may take before the network counts as dead. */
const SLOW = 15_000

export const boardQuery = (day: string, kept: () => Seen | undefined) => {
  const was = kept()
  return queryOptions({
    queryKey: key('door', day),
    queryFn: async ({ signal }): Promise<Seen> => {
      const asked = Date.now()
      const board = await getDoor({ query: day ? { day } : {}, signal })
      return { board, asked, at: Date.now() }
    },
    // A dead network is an error to be told of, not a reason to wait in silence.
    networkMode: 'always',
    refetchInterval: 20_000,
    refetchOnMount: 'always', // the list that was kept may be a step behind, however young it is
    retry: false,
    ...(was ? { initialData: was, initialDataUpdatedAt: was.at } : {}),
  })
}

export const findCode = (code: string) => findDoorCode({ path: { code } })

/**
 * sendAction carries one action to the server. Its body is the same at every try, for the key stands for that body; how late this try is
 * stands in the address.
 */
export async function sendAction(action: Action, sentAt: string): Promise<DoorPerson> {
  const times = { happened_at: action.happenedAt, sent_at: action.firstSentAt ?? sentAt }
  const common = {
    query: { sent_at: sentAt },
    headers: { 'Idempotency-Key': action.key },
    signal: AbortSignal.timeout(SLOW),
  }
  const { step, note, undoes, party } = action
  const people = party === undefined ? {} : { party }
  if (step === 'walk_in')
    return checkInWalkIn({
      ...common,
      path: { id: action.shift },
      body: { ...action.newcomer, ...people, ...times },
    })
  const more = { ...(note ? { note } : {}), ...(undoes ? { undoes } : {}), ...people }
  const body = { action: step, ...times, ...more }
  return checkSignUp({ ...common, path: { id: action.signUp }, body })
}
