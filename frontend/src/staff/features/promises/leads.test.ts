import { expect, it } from 'vitest'
import '@lib/testing'
import type { Chosen } from './actions'
import { aboutOf, draftOf, problemsOf, type Draft } from './draft'
import { leadOf, movedTo } from './leads'
import { part, plan, pledge } from './sample'

const today = '2026-11-30'
const lead = (promise: ReturnType<typeof plan>, chosen: Chosen, fields: Partial<Draft> = {}) =>
  leadOf(promise, chosen, { ...draftOf(promise, chosen, today), ...fields }, today).join(' ')

it('says which charges a pause leaves out and when the next one is', () => {
  expect(lead(plan(), { name: 'pause' }, { until: '2027-02-01' })).toContain(
    '2 charges are left out: Dec 22, 2026 · Jan 22, 2027. The next one is then on Feb 22, 2027.',
  )
  expect(lead(plan(), { name: 'pause' }, { until: '2026-12-10' })).toContain(
    'No date falls into this pause. The next charge stays on Dec 22, 2026.',
  )
})

it('says what is skipped and when it goes on', () => {
  expect(lead(plan(), { name: 'skip' })).toContain(
    'The charge of $25.00 on Dec 22, 2026 is left out and not made up for. The next one is then on Jan 22, 2027.',
  )
})

it('says what is charged instead of what', () => {
  expect(lead(plan(), { name: 'amount' }, { amount: '40' })).toContain(
    '$40.00 is charged every month instead of $25.00.',
  )
})

it('says where the next charge moves to', () => {
  expect(lead(plan(), { name: 'day' }, { day: '5' })).toContain(
    'The next charge moves from Dec 22, 2026 to Dec 5, 2026.',
  )
  expect(lead(plan(), { name: 'day' }, { day: '31' })).toContain('In months without a day 31')
})

it('moves to the first such day after today, and to the last of a shorter month', () => {
  expect(movedTo('2026-12-22', 5, '2026-11-30')).toBe('2026-12-05')
  expect(movedTo('2026-12-22', 5, '2026-12-10')).toBe('2027-01-05')
  expect(movedTo('2027-02-22', 31, '2026-11-30')).toBe('2027-02-28')
  expect(movedTo('2028-02-22', 31, '2026-11-30')).toBe('2028-02-29')
})

it('names the instalment and its amount as they are now', () => {
  expect(lead(pledge(), { name: 'waive', instalment: 'i2' })).toContain('Instalment 2 of $100.00 is forgiven')
  expect(lead(pledge(), { name: 'move', instalment: 'i3' })).toContain('is due on Mar 15, 2026 now')
  expect(lead(plan(), { name: 'charge', instalment: 'i2' })).toContain(
    '$25.00 is charged now: Visa ending in 4242, valid until 4/2030.',
  )
  expect(aboutOf(pledge(), { name: 'waive', instalment: 'gone' })).toBeUndefined()
})

it('says what is given up, and that a payment under way is not stopped', () => {
  expect(lead(pledge(), { name: 'write-off' })).toContain('$300.00 that is still to come is given up.')
  const moving = plan({ instalments: [part(2, { state: 'attempting' })] })
  expect(lead(moving, { name: 'cancel' })).toContain('A payment is under way right now.')
  expect(lead(plan(), { name: 'cancel' })).not.toContain('under way')
})

it('tells that the donor hears of it, or that nobody can write to them', () => {
  expect(lead(plan(), { name: 'pause' })).toContain('ada@example.org gets a mail that says so.')
  expect(lead(plan({ donor_email: '' }), { name: 'pause' })).toContain('There is no e-mail address')
})

it('finds what is wrong before it is sent', () => {
  const wrong = (chosen: Chosen, fields: Partial<Draft>) => {
    const of = chosen.instalment || chosen.name === 'write-off' ? pledge() : plan()
    const found = problemsOf(of, chosen, { ...draftOf(of, chosen, today), ...fields }, today)
    return Object.values(found).find(Boolean)
  }
  expect(wrong({ name: 'pause' }, { until: '' })).toBe('Enter the day.')
  expect(wrong({ name: 'pause' }, { until: today })).toMatch(/^Choose a day after today/)
  expect(wrong({ name: 'pause' }, { until: '2027-12-31' })).toMatch(/^Choose a day after today/)
  expect(wrong({ name: 'pause' }, { until: '2027-02-01' })).toBeUndefined()
  expect(wrong({ name: 'amount' }, { amount: '0' })).toBe('Enter an amount above zero.')
  expect(wrong({ name: 'day' }, { day: '32' })).toBe('Enter a day between 1 and 31.')
  expect(wrong({ name: 'day' }, { day: '31' })).toBeUndefined()
  expect(wrong({ name: 'move', instalment: 'i1' }, { due: '2026-11-29' })).toBe(
    'Choose today or a later day.',
  )
  expect(wrong({ name: 'write-off' }, { reason: '  ' })).toBe('Enter the reason.')
  expect(wrong({ name: 'cancel' }, { reason: '' })).toBeUndefined()
  expect(wrong({ name: 'reschedule' }, {})).toBeUndefined()
})
