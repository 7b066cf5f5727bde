import amounts from './cases.json'
import type { Currency } from './amount'
import { divide, due, every, longDate, monthly, ordinal, today, type Schedule } from './schedule'
import table from './schedule.json'

const currencies = amounts.currencies as Record<string, Currency>

// The same table holds for the server: app/fundraising/schedule_cases_test.go.
describe('dates as the server counts them', () => {
  for (const row of table.due)
    test(row.name, () => {
      for (const [n, date] of Object.entries(row.dates))
        expect([n, due(row as unknown as Schedule, Number(n))]).toEqual([n, date])
    })
})

describe('parts as the server divides them', () => {
  for (const row of table.divide)
    test(`${row.total} ${row.currency} in ${row.count}`, () => {
      const currency = currencies[row.currency]
      if (!currency) throw new Error(`no currency ${row.currency} in the table`)
      const parts = divide(row.total, row.count, monthly('2027-01-31'), currency)
      if (row.error) {
        expect(parts).toBe(row.error)
        return
      }
      if (typeof parts === 'string') throw new Error(parts)
      expect(parts).toHaveLength(row.count)
      expect(parts.at(-1)?.minor).toBe(row.last)
      for (const part of parts.slice(0, -1)) expect(part.minor).toBe(row.each)
      expect(parts.reduce((total, part) => total + part.minor, 0)).toBe(row.total)
    })
})

test('today is the date on the wall, not in Greenwich', () => {
  vi.useFakeTimers({ now: new Date(2026, 10, 30, 23, 59) })
  expect(today()).toBe('2026-11-30')
  expect(today(1)).toBe('2026-12-01')
  vi.useRealTimers()
})

test('words for dates and days', () => {
  expect(longDate('2026-12-22')).toBe('December 22, 2026')
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31].map(ordinal)).toEqual(
    'one two few other other other other one two few one'.split(' '),
  )
})

test('an interval the form does not know is monthly', () => {
  expect(every('quarter', '2026-11-22')).toEqual({ unit: 'month', every: 3, first: '2026-11-22' })
  expect(every('decade', '2026-11-22')).toEqual(monthly('2026-11-22'))
})
