import { expect, it } from 'vitest'
import '@lib/testing'
import { headcount, peopleOf, withOthers } from './party'

it('reads how many come', () => {
  expect(['1', ' 4 ', '50'].map(peopleOf)).toEqual([1, 4, 50])
  for (const nonsense of ['', '0', '-1', '51', '2.5', 'three', '007'])
    expect(peopleOf(nonsense)).toBeUndefined()
})

it('names somebody with those they bring', () => {
  expect([1, 2, 4].map((party) => withOthers('Ana Ruiz', party))).toEqual([
    'Ana Ruiz',
    'Ana Ruiz and 1 other',
    'Ana Ruiz and 3 others',
  ])
})

it('counts people, not sign-ups', () => {
  expect(headcount([])).toBe(0)
  expect(headcount([{ party: 1 }, { party: 4 }])).toBe(5)
})
