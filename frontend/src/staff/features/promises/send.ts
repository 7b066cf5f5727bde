// What an action asks of the server. Each names the version that was seen: it is refused once somebody changed it.

import {
  askForCard,
  cancelPromise,
  changePromiseAmount,
  changePromiseDay,
  chargeInstalment,
  moveInstalment,
  pausePromise,
  remindOfInstalment,
  reschedulePledge,
  resumePromise,
  skipPromise,
  waiveInstalment,
  writeOffPledge,
} from '@api/gen'
import type { PromiseDetail } from '@api/types'
import { parseMinor } from '@lib/money'
import type { Chosen } from './actions'
import type { Draft } from './draft'
import { planOf } from './plan'

/** send does one thing to a promise and answers what became of it. */
export function send(promise: PromiseDetail, chosen: Chosen, draft: Draft): Promise<PromiseDetail> {
  const { id, version } = promise
  const path = { id }
  const part = { id, instalment_id: chosen.instalment ?? '' }
  const seen = { version }
  const reason = draft.reason.trim()
  switch (chosen.name) {
    case 'pause':
      return pausePromise({ path, body: { ...seen, until: draft.until } })
    case 'resume':
      return resumePromise({ path, body: seen })
    case 'skip':
      return skipPromise({ path, body: seen })
    case 'amount':
      return changePromiseAmount({
        path,
        body: { ...seen, amount: amountOf(promise, draft), cover_fee: draft.cover },
      })
    case 'day':
      return changePromiseDay({ path, body: { ...seen, day: Number(draft.day) } })
    case 'card-link':
      return askForCard({ path, body: seen })
    case 'reschedule':
      return reschedulePledge({ path, body: { ...seen, ...planOf(draft.plan) } })
    case 'write-off':
      return writeOffPledge({ path, body: { ...seen, reason } })
    case 'cancel':
      return cancelPromise({ path, body: { ...seen, reason } })
    case 'charge':
      return chargeInstalment({ path: part, body: seen })
    case 'remind':
      return remindOfInstalment({ path: part, body: seen })
    case 'move':
      return moveInstalment({ path: part, body: { ...seen, due_on: draft.due } })
    case 'waive':
      return waiveInstalment({ path: part, body: { ...seen, reason } })
  }
}

function amountOf(promise: PromiseDetail, draft: Draft) {
  const { currency } = promise.amount
  const parsed = parseMinor(draft.amount, currency)
  return { amount_minor: parsed.ok ? parsed.minor : 0, currency }
}
