import { expect, it } from 'vitest'
import { everyMonth } from './months'

const row = (key: string, minutes = 60) => ({ key, label: key, minutes, people: 1, entries: 1 })

it('leaves no month out, also not over the turn of a year', () => {
  const all = everyMonth([row('2025-11'), row('2026-02')])
  expect(all.map((m) => [m.key, m.minutes])).toEqual([
    ['2025-11', 60],
    ['2025-12', 0],
    ['2026-01', 0],
    ['2026-02', 60],
  ])
})

it('invents none', () => {
  expect(everyMonth([])).toEqual([])
  expect(everyMonth([row('2026-11')]).map((m) => m.key)).toEqual(['2026-11'])
})
