import { expect, it } from 'vitest'
import { byCurrency } from './forecast'
import type { ForecastMonth } from '@api/types'

const month = (name: string, currency: string, plans: number, pledges: number): ForecastMonth => ({
  month: name,
  currency,
  plans: { amount: { amount_minor: plans, currency }, count: plans ? 1 : 0 },
  pledges: { amount: { amount_minor: pledges, currency }, count: pledges ? 1 : 0 },
})

it('keeps currencies and kinds apart and sums each', () => {
  const found = byCurrency([
    month('2027-02', 'USD', 2500, 0),
    month('2027-01', 'USD', 2500, 10000),
    month('2027-01', 'EUR', 100, 0),
  ])
  expect(found.map((f) => [f.currency, f.plans, f.pledges])).toEqual([
    ['USD', 5000, 10000],
    ['EUR', 100, 0],
  ])
  expect(found[0]?.rows.map((r) => r.month)).toEqual(['2027-01', '2027-02'])
})

it('leaves out a currency nothing is promised in', () => {
  expect(byCurrency([month('2027-01', 'USD', 0, 0)])).toEqual([])
})
