import { expect, it } from 'vitest'
import type { PromiseLine } from '@api/types'
import '@lib/testing'
import { part, plan, pledge, usd } from './sample'
import {
  cardWords,
  declineWords,
  everyWords,
  partsWords,
  shownState,
  stateTone,
  standingWords,
  stepWords,
  titleOf,
  whatOf,
} from './words'

// Before anything of the samples is due.
const standing = (promise: PromiseLine, today = '2025-12-01') => standingWords(promise, today)

it('says how often', () => {
  expect([
    everyWords('month', 1),
    everyWords('month', 3),
    everyWords('week', 2),
    everyWords('year', 1),
  ]).toEqual(['every month', 'every 3 months', 'every 2 weeks', 'every year'])
})

it('names what is promised, with and without the name', () => {
  expect(titleOf(plan())).toBe('$25.00 every month from Ada Lovelace')
  expect(titleOf(pledge({ donor_name: '' }))).toBe('Pledge of $300.00 from No name')
  expect(whatOf(plan())).toBe('$25.00 every month')
  expect(whatOf(pledge())).toBe('Pledge of $300.00 in 3 parts')
})

it('says where a plan in order stands, and when it charges', () => {
  expect(standing(plan())).toBe(
    'Everything is in order. $25.00 is charged to the saved card on Dec 22, 2026.',
  )
})

it('says why a payment did not work, and when it is tried again', () => {
  const failing = plan({ status: 'past_due', standing: 'past_due' })
  const next = failing.next && {
    ...failing.next,
    state: 'retry_wait' as const,
    decline_code: 'insufficient_funds',
    act_at: '2026-12-25T14:00:00Z',
  }
  expect(standing({ ...failing, next })).toBe(
    'A payment did not work. There was not enough money on the card. $25.00 is tried again on Dec 25, 2026.',
  )
})

it('promises nothing while there is no card to charge', () => {
  expect(standing(plan({ standing: 'needs_payment_method' }))).toMatch(/^The card cannot be charged\./)
  expect(standing(plan({ standing: 'needs_payment_method' }))).not.toContain('is charged to the saved card')
})

it('says until when a plan is paused, and what a finished pledge brought', () => {
  expect(standing(plan({ standing: 'paused', paused_until: '2027-02-01', next: null }))).toContain(
    'Paused until Feb 1, 2027.',
  )
  expect(standing(pledge({ status: 'completed', standing: 'completed', paid: usd(30000), next: null }))).toBe(
    'Nothing is left to pay. $300.00 came in.',
  )
})

it('says what a link pays and when, and that a day has passed', () => {
  expect(standing(pledge())).toContain('$100.00 is due on Jan 15, 2026')
  expect(standing(pledge({ standing: 'overdue' }), '2026-01-20')).toContain('$100.00 was due on Jan 15, 2026')
})

it('never says that a card is charged when nothing happens by itself', () => {
  const idle = plan()
  const next = idle.next && { ...idle.next, act_at: null }
  expect(standing({ ...idle, next }, '2027-01-01')).toContain(
    '$25.00 was due on Dec 22, 2026 and is not charged by itself',
  )
})

it('shows as late what was due and did not come', () => {
  expect(shownState(part(1), '2026-01-16')).toBe('late')
  expect(shownState(part(1), '2026-01-15')).toBe('scheduled')
  expect(shownState(part(1, { amount: usd(0) }), '2026-01-16')).toBe('scheduled')
  expect(shownState(part(1, { state: 'paid' }), '2026-01-16')).toBe('paid')
  expect([stateTone('late'), stateTone('paid'), stateTone('failed'), stateTone('attempting')]).toEqual([
    'warning',
    'success',
    'danger',
    'info',
  ])
})

it('words a decline: ours, else the server’s, else the code', () => {
  expect(declineWords('expired_card')).toBe('The card has expired.')
  expect(declineWords('brand_new_code', 'The bank said something new')).toBe('The bank said something new')
  expect(declineWords('brand_new_code')).toBe('Declined: brand_new_code')
  expect(declineWords('')).toBe('')
})

it('names a card by what stands on it', () => {
  expect(cardWords(plan().card)).toBe('Visa ending in 4242, valid until 4/2030')
  expect(cardWords(null)).toBe('No saved card')
})

it('says what happens next about an instalment, and why one is closed', () => {
  const at = '2026-12-22T14:00:00Z'
  expect(stepWords(part(1, { act_at: at }), 'card')).toBe('Charged on Dec 22, 2026')
  expect(stepWords(part(1, { act_at: at }), 'link')).toBe('Next reminder on Dec 22, 2026')
  expect(stepWords(part(1), 'link')).toBe('Nothing happens by itself')
  expect(stepWords(part(1, { amount: usd(0) }), 'link')).toBe('Covered by what was paid for others')
  expect(stepWords(part(1, { state: 'retry_wait', act_at: at }), 'card')).toBe('Tried again on Dec 22, 2026')
  expect(stepWords(part(1, { state: 'failed' }), 'card')).toBe('Not tried again with this card')
  expect(stepWords(part(1, { state: 'skipped', reason: 'paused' }), 'card')).toBe('Its date lay in a pause')
  expect(stepWords(part(1, { state: 'waived', reason: 'Lost her job' }), 'link')).toBe('Lost her job')
})

it('sums up a schedule with what the last one takes', () => {
  const parts = (...amounts: number[]) =>
    amounts.map((minor, i) => ({ n: i + 1, due_on: `2027-0${i + 1}-01`, amount: usd(minor) }))
  expect(partsWords(parts(3333, 3333, 3334))).toBe(
    '2 instalments of $33.33 and a last one of $33.34 that takes the rest, from Jan 1, 2027 to Mar 1, 2027.',
  )
  expect(partsWords(parts(5000, 5000))).toBe('2 instalments of $50.00, from Jan 1, 2027 to Feb 1, 2027.')
  expect(partsWords(parts(5000))).toBe('$50.00 on Jan 1, 2027.')
  expect(partsWords([])).toBe('')
})
