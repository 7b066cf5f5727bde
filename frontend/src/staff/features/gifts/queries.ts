// What the gift screens ask of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import {
  bounceDonation,
  depositDonation,
  donationTrail,
  getDonation,
  listDonations,
  noteDonation,
  recordDonation,
  refundDonation,
  replaceReceipt,
  resendReceipt,
  thankDonation,
  unthankDonation,
  voidReceipt,
  type ListDonationsData,
} from '@api/gen'
import type { DonationDetail, NewBounce, NewGift, NewRefund } from '@api/types'
import { key } from '../../keys'

type Query = NonNullable<ListDonationsData['query']>

export const METHODS: readonly NonNullable<Query['method']>[] = [
  'card',
  'cheque',
  'cash',
  'bank_transfer',
  'other',
]

/** RECORDED are the methods that staff enter by hand. */
export const RECORDED: readonly NewGift['method'][] = ['cheque', 'cash', 'bank_transfer', 'other']

export const STATUSES: readonly NonNullable<Query['status']>[] = [
  'succeeded',
  'recorded',
  'partially_refunded',
  'refunded',
  'processing',
  'awaiting_payment',
  'requires_action',
  'failed',
  'expired',
  'cancelled',
  'review',
]

/** EVERYTHING stands in the address for "also what never became money". */
export const EVERYTHING = 'all'

export const REFUND_REASONS: readonly NewRefund['reason'][] = [
  'requested_by_donor',
  'duplicate',
  'mistake',
  'fraudulent',
  'other',
]

/** FILTERS are the names of the filters in the address. */
export const FILTERS = ['search', 'status', 'method', 'campaign_id', 'from', 'to'] as const
export type GiftFilters = Record<(typeof FILTERS)[number], string>

/** requestOf turns the filters into the server's: without a status only money that came is shown. */
export function requestOf(filters: GiftFilters): Query {
  const status = STATUSES.find((s) => s === filters.status)
  const method = METHODS.find((m) => m === filters.method)
  return {
    ...(filters.search ? { search: filters.search } : {}),
    ...(status ? { status } : filters.status === EVERYTHING ? {} : { received: true }),
    ...(method ? { method } : {}),
    ...(filters.campaign_id ? { campaign_id: filters.campaign_id } : {}),
    ...(filters.from ? { from: filters.from } : {}),
    ...(filters.to ? { to: filters.to } : {}),
  }
}

export const giftsQuery = (filters: GiftFilters, cursor: string) =>
  queryOptions({
    queryKey: key('gifts', filters, cursor),
    queryFn: ({ signal }) =>
      listDonations({ query: { ...requestOf(filters), limit: 50, ...(cursor ? { cursor } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

// Money, receipts and mails move after the answer came: look again while something is on its way.
const SOON = 2_500
const MOVING = ['requested', 'pending', 'queued', 'sending']

export const giftQuery = (id: string) =>
  queryOptions({
    queryKey: key('gift', id),
    queryFn: ({ signal }) => getDonation({ path: { id }, signal }),
    refetchInterval: ({ state }) => (isMoving(state.data) ? SOON : false),
  })

export const trailQuery = (id: string, moving = false) =>
  queryOptions({
    queryKey: key('gift', id, 'trail'),
    queryFn: ({ signal }) => donationTrail({ path: { id }, signal }),
    refetchInterval: ({ state }) =>
      moving || state.data?.messages.some((m) => MOVING.includes(m.state)) ? SOON : false,
  })

/** isMoving tells whether a refund of the gift is still on its way. */
export const isMoving = (gift: DonationDetail | undefined): boolean =>
  gift?.refunds.some((r) => MOVING.includes(r.status)) ?? false

/** recordGift books a gift that arrived outside the giving page. */
export const recordGift = (gift: NewGift, idempotencyKey: string) =>
  recordDonation({ body: gift, headers: { 'Idempotency-Key': idempotencyKey } })

/** refundGift asks for money to be sent back. */
export const refundGift = (id: string, body: NewRefund, idempotencyKey: string) =>
  refundDonation({ path: { id }, body, headers: { 'Idempotency-Key': idempotencyKey } })

/** takeToBank books that a cheque or cash went to the bank on a day. */
export const takeToBank = (id: string, on: string, idempotencyKey: string) =>
  depositDonation({ path: { id }, body: { on }, headers: { 'Idempotency-Key': idempotencyKey } })

/** bounceCheque books that the bank returned a cheque. */
export const bounceCheque = (id: string, body: NewBounce, idempotencyKey: string) =>
  bounceDonation({ path: { id }, body, headers: { 'Idempotency-Key': idempotencyKey } })

/** atBankOrNot tells whether it matters where the gift's money lies: a cheque or cash in the books. */
export const atBankOrNot = (gift: DonationDetail): boolean =>
  gift.status === 'recorded' && (gift.method === 'cheque' || gift.method === 'cash')

export const thank = (id: string) => thankDonation({ path: { id } })
export const unthank = (id: string) => unthankDonation({ path: { id } })
export const saveNote = (id: string, note: string) => noteDonation({ path: { id }, body: { note } })
export const sendReceiptAgain = (id: string) => resendReceipt({ path: { id } })
export const voidReceiptFor = (id: string, reason: string) => voidReceipt({ path: { id }, body: { reason } })
export const replaceReceiptFor = (id: string, reason: string) =>
  replaceReceipt({ path: { id }, body: { reason } })

/** refreshGifts fetches anew whatever shows gifts. */
export async function refreshGifts(queries: QueryClient): Promise<void> {
  await Promise.all(
    ['gifts', 'gift', 'today', 'person', 'promises', 'promise', 'campaigns', 'campaign', 'ledger'].map(
      (name) => queries.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
