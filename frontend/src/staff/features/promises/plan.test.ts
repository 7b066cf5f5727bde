import { expect, it } from 'vitest'
import '@lib/testing'
import { draftPlan, oftenOptions, planOf, planProblems } from './plan'

it('begins with twelve months, and reads what was chosen', () => {
  expect(planOf(draftPlan('2027-01-31'))).toEqual({
    count: 12,
    unit: 'month',
    every: 1,
    first_on: '2027-01-31',
  })
  expect(planOf({ count: '4', often: 'month-3', first: '2027-01-01' })).toMatchObject({
    unit: 'month',
    every: 3,
  })
})

it('offers intervals in words', () => {
  expect(oftenOptions().map((o) => o.label)).toContain('Every 3 months')
})

it.each([
  ['0', '2027-01-01', 'count'],
  ['121', '2027-01-01', 'count'],
  ['1.5', '2027-01-01', 'count'],
  ['', '2027-01-01', 'count'],
  ['12', '', 'first_on'],
  ['12', '2026-11-21', 'first_on'],
])('refuses %s instalments from "%s" on', (count, first, field) => {
  const found = planProblems({ count, often: 'month-1', first }, '2026-11-22')
  expect(Object.keys(found).filter((name) => found[name])).toEqual([field])
})

it('takes the largest and smallest number, and without an earliest day any', () => {
  expect(Object.values(planProblems({ count: '120', often: 'month-1', first: '2020-01-01' }, ''))).toEqual([
    undefined,
    undefined,
  ])
  expect(planProblems({ count: '1', often: 'month-1', first: '2027-01-01' }, '').count).toBeUndefined()
})
