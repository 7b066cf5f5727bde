// A regular gift and a pledge as the server tells them, for tests.

import type { Instalment, PromiseDetail } from '@api/types'

export const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' })

/** part is an instalment of $100 that nothing has happened to yet. */
export const part = (n: number, fields: Partial<Instalment> = {}): Instalment => ({
  id: `i${n}`,
  n,
  due_on: `2026-${String(n).padStart(2, '0')}-15`,
  planned: usd(10000),
  amount: usd(10000),
  paid: usd(0),
  state: 'scheduled',
  attempt: 0,
  tries: 0,
  decline_code: '',
  decline_words: '',
  reason: '',
  act_at: null,
  donation_id: null,
  reminders: 0,
  reminded_at: null,
  ...fields,
})

const common = {
  reference: 'P-7K2M9-QDXWA',
  status: 'active',
  standing: 'active',
  person_id: 'p1',
  donor_name: 'Ada Lovelace',
  donor_email: 'ada@example.org',
  zone: 'America/New_York',
  remind: { before_days: 7, every_days: 10, at_most: 3 },
  note: '',
  closed_by: '',
  close_reason: '',
  cover: usd(0),
  unit: 'month',
  every: 1,
  campaign: null,
  cause_name: 'School library',
  fund_name: 'General',
  paused_until: null,
  created_at: '2026-01-01T10:00:00Z',
  version: 4,
} as const

/** pledge is $300 in three parts by link, nothing paid. */
export const pledge = (fields: Partial<PromiseDetail> = {}): PromiseDetail => ({
  ...common,
  id: 'pl1',
  kind: 'pledge',
  amount: usd(30000),
  count: 3,
  method: 'link',
  card: null,
  next: {
    instalment_id: 'i1',
    due_on: '2026-01-15',
    amount: usd(10000),
    state: 'scheduled',
    act_at: null,
    decline_code: '',
    decline_words: '',
  },
  paid: usd(0),
  owed: usd(30000),
  instalments: [part(1), part(2), part(3)],
  upcoming: [],
  ...fields,
})

/** plan is $25 every month by card, the next on 22 December 2026. */
export const plan = (fields: Partial<PromiseDetail> = {}): PromiseDetail => {
  const next = part(2, {
    amount: usd(2500),
    planned: usd(2500),
    due_on: '2026-12-22',
    act_at: '2026-12-22T14:00:00Z',
  })
  return {
    ...common,
    id: 'pn1',
    kind: 'plan',
    amount: usd(2500),
    count: null,
    method: 'card',
    card: { brand: 'visa', last4: '4242', exp_month: 4, exp_year: 2030 },
    next: {
      instalment_id: next.id,
      due_on: next.due_on,
      amount: next.amount,
      state: next.state,
      act_at: next.act_at,
      decline_code: '',
      decline_words: '',
    },
    paid: usd(2500),
    owed: usd(2500),
    instalments: [
      part(1, {
        amount: usd(2500),
        planned: usd(2500),
        paid: usd(2500),
        state: 'paid',
        due_on: '2026-11-22',
      }),
      next,
    ],
    upcoming: [
      { n: 2, due_on: '2026-12-22', amount: usd(2500) },
      { n: 3, due_on: '2027-01-22', amount: usd(2500) },
      { n: 4, due_on: '2027-02-22', amount: usd(2500) },
    ],
    ...fields,
  }
}
