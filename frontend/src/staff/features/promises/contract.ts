// The shapes and calls of promises, until the generated client has them.

import { client } from '@api/gen/client.gen'
import type { Money } from '@lib/money'

export type PromiseKind = 'plan' | 'pledge'
export type Unit = 'week' | 'month' | 'year'
export type InstalmentState =
  | 'scheduled'
  | 'due'
  | 'attempting'
  | 'unknown'
  | 'processing'
  | 'requires_action'
  | 'retry_wait'
  | 'failed'
  | 'paid'
  | 'skipped'
  | 'waived'
  | 'written_off'
  | 'cancelled'
export type Standing =
  | 'pending_setup'
  | 'active'
  | 'past_due'
  | 'needs_payment_method'
  | 'lapsed'
  | 'completed'
  | 'written_off'
  | 'cancelled'
  | 'paused'
  | 'overdue'
  | 'delinquent'

export interface SavedCard {
  id: string
  brand: string
  last4: string
  exp_month: number
  exp_year: number
}

export interface NextInstalment {
  instalment_id: string
  due_on: string
  amount: Money
  state: InstalmentState
  act_at: string | null
  decline_code: string
  decline_words: string
}

export interface PromiseLine {
  id: string
  reference: string
  kind: PromiseKind
  status: Standing
  standing: Standing
  person_id: string | null
  donor_name: string
  amount: Money
  cover: Money
  unit: Unit
  every: number
  count: number | null
  method: 'card' | 'link'
  card: Omit<SavedCard, 'id'> | null
  next: NextInstalment | null
  paid: Money
  owed: Money
  campaign: { id: string; title: string } | null
  cause_name: string
  fund_name: string
  paused_until: string | null
  created_at: string
  version: number
}

export interface Instalment {
  id: string
  n: number
  due_on: string
  planned: Money
  amount: Money
  paid: Money
  state: InstalmentState
  attempt: number
  tries: number
  decline_code: string
  decline_words: string
  reason: string
  act_at: string | null
  donation_id: string | null
  reminders: number
  reminded_at: string | null
}

export interface PledgePart {
  n: number
  due_on: string
  amount: Money
}

export interface PromiseDetail extends PromiseLine {
  donor_email: string
  zone: string
  remind: { before_days: number; every_days: number; at_most: number }
  note: string
  closed_by: string
  close_reason: string
  instalments: Instalment[]
  upcoming: PledgePart[]
}

export interface NewPledge {
  person_id: string
  total: Money
  count: number
  unit: Unit
  every: number
  first_on: string
  fund_id: string
  campaign_id?: string
  method: 'card' | 'link'
  card_id?: string
  remind: { before_days: number; every_days: number; at_most: number }
  note: string
}

export interface ForecastSum {
  amount: Money
  count: number
}

export interface ForecastMonth {
  month: string
  currency: string
  plans: ForecastSum
  pledges: ForecastSum
}

export interface Forecast {
  months: ForecastMonth[]
  late: ForecastSum[]
}

export interface AttentionLine {
  promise_id: string
  instalment_id: string
  kind: PromiseKind
  donor_name: string
  person_id: string | null
  amount: Money
  due_on: string
  late_days: number
  state: InstalmentState
  decline_code: string
  why: string
  what_next: string
  action: 'card_link' | 'charge' | 'remind' | 'look'
}

interface Page<T> {
  items: T[]
  next_cursor?: string
}

async function get<T>(url: string, query: Record<string, string | number | boolean>, signal?: AbortSignal) {
  return client.get<T, unknown, true, 'data'>({
    url,
    query,
    throwOnError: true,
    responseStyle: 'data',
    ...(signal ? { signal } : {}),
  }) as Promise<T>
}

async function post<T>(url: string, body: unknown, headers: Record<string, string> = {}) {
  return client.post<T, unknown, true, 'data'>({
    url,
    body,
    headers: { 'Content-Type': 'application/json', ...headers },
    throwOnError: true,
    responseStyle: 'data',
  }) as Promise<T>
}

export const listPromises = (query: Record<string, string | number>, signal: AbortSignal) =>
  get<Page<PromiseLine>>('/promises', query, signal)
export const getPromise = (id: string, signal: AbortSignal) =>
  get<PromiseDetail>(`/promises/${id}`, {}, signal)
export const personPromises = (id: string, open: boolean, signal: AbortSignal) =>
  get<{ items: PromiseLine[] }>(`/people/${id}/promises`, open ? { open } : {}, signal)
export const personCards = (id: string, signal: AbortSignal) =>
  get<{ items: SavedCard[] }>(`/people/${id}/cards`, {}, signal)
export const promiseForecast = (months: number, signal: AbortSignal) =>
  get<Forecast>('/promises/forecast', { months }, signal)
export const promiseAttention = (query: Record<string, string | number>, signal: AbortSignal) =>
  get<Page<AttentionLine>>('/promises/attention', query, signal)
export const previewPledge = (body: Pick<NewPledge, 'total' | 'count' | 'unit' | 'every' | 'first_on'>) =>
  post<{ items: PledgePart[] }>('/pledges/preview', body)
export const takePledge = (body: NewPledge, key: string) =>
  post<PromiseDetail>('/pledges', body, { 'Idempotency-Key': key })
export const actOnPromise = (id: string, path: string, body: Record<string, unknown>) =>
  post<PromiseDetail>(`/promises/${id}/${path}`, body)
