// The forecast as its screen shows it: one currency at a time, with its sums.

import type { ForecastMonth } from '@api/types'

export interface ForecastRow {
  month: string
  plans: number
  planCount: number
  pledges: number
  pledgeCount: number
}

export interface CurrencyForecast {
  currency: string
  plans: number
  pledges: number
  rows: ForecastRow[]
}

/** byCurrency groups the months, never adding two currencies; a currency without any money is left out. */
export function byCurrency(months: readonly ForecastMonth[]): CurrencyForecast[] {
  const found = new Map<string, CurrencyForecast>()
  for (const m of months) {
    const one = found.get(m.currency) ?? { currency: m.currency, plans: 0, pledges: 0, rows: [] }
    one.plans += m.plans.amount.amount_minor
    one.pledges += m.pledges.amount.amount_minor
    one.rows.push({
      month: m.month,
      plans: m.plans.amount.amount_minor,
      planCount: m.plans.count,
      pledges: m.pledges.amount.amount_minor,
      pledgeCount: m.pledges.count,
    })
    found.set(m.currency, one)
  }
  return [...found.values()]
    .filter((one) => one.plans + one.pledges > 0)
    .map((one) => ({ ...one, rows: one.rows.sort((a, b) => a.month.localeCompare(b.month)) }))
}
