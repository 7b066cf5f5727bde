// What the gift screens ask of the server.

import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/svelte-query'
import { get, send } from '@api/client'
import type {
  Donation,
  DonationDetail,
  DonationMethod,
  DonationStatus,
  Money,
  Page,
  RefundLine,
  Trail,
} from '@api/types'
import { key } from '../../keys'

export const METHODS: readonly DonationMethod[] = ['card', 'cheque', 'cash', 'bank_transfer', 'other']

/** RECORDED are the methods that staff enter by hand. */
export const RECORDED: readonly DonationMethod[] = ['cheque', 'cash', 'bank_transfer', 'other']

export const STATUSES: readonly DonationStatus[] = [
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

export const REFUND_REASONS = ['requested_by_donor', 'duplicate', 'mistake', 'fraudulent', 'other'] as const

export interface GiftFilters {
  search: string
  status: string
  method: string
  campaign_id: string
  from: string
  to: string
}

/** FILTERS are the names of the filters in the address. */
export const FILTERS = ['search', 'status', 'method', 'campaign_id', 'from', 'to'] as const

/** filtersOf reads the filters from the address. */
export function filtersOf(query: URLSearchParams): GiftFilters {
  const of = (name: keyof GiftFilters) => query.get(name) ?? ''
  return {
    search: of('search'),
    status: of('status'),
    method: of('method'),
    campaign_id: of('campaign_id'),
    from: of('from'),
    to: of('to'),
  }
}

export const giftsQuery = (filters: GiftFilters, cursor: string) =>
  queryOptions({
    queryKey: key('gifts', filters, cursor),
    queryFn: ({ signal }) =>
      get<Page<Donation>>('/donations', { query: { ...filters, cursor, limit: 50 }, signal }),
    placeholderData: keepPreviousData,
  })

export const giftQuery = (id: string) =>
  queryOptions({
    queryKey: key('gift', id),
    queryFn: ({ signal }) => get<DonationDetail>(`/donations/${id}`, { signal }),
  })

export const trailQuery = (id: string) =>
  queryOptions({
    queryKey: key('gift', id, 'trail'),
    queryFn: ({ signal }) => get<Trail>(`/donations/${id}/trail`, { signal }),
  })

export interface NewGift {
  person_id?: string
  donor?: { first_name: string; last_name: string; email: string }
  amount: Money
  method: string
  fund_id: string
  campaign_id?: string
  received_on: string
  payment_number?: string
  note?: string
}

/** recordGift books a gift that arrived outside the giving page. */
export const recordGift = (gift: NewGift, idempotencyKey: string) =>
  send<DonationDetail>('POST', '/donations', { body: gift, key: idempotencyKey })

/** refundGift asks for money to be sent back. */
export const refundGift = (
  id: string,
  body: { amount: Money; reason: string; note: string },
  idempotencyKey: string,
) => send<RefundLine>('POST', `/donations/${id}/refunds`, { body, key: idempotencyKey })

export const thank = (id: string) => send<void>('POST', `/donations/${id}/thanks`)
export const unthank = (id: string) => send<void>('DELETE', `/donations/${id}/thanks`)
export const saveNote = (id: string, note: string) =>
  send<void>('PATCH', `/donations/${id}`, { body: { note } })
export const resendReceipt = (id: string) => send<void>('POST', `/receipts/${id}/resend`)

/** refreshGifts fetches anew whatever shows gifts. */
export async function refreshGifts(client: QueryClient): Promise<void> {
  await Promise.all(
    ['gifts', 'gift', 'today', 'person', 'campaigns', 'campaign', 'ledger'].map((name) =>
      client.invalidateQueries({ queryKey: key(name) }),
    ),
  )
}
