// Months as a picture needs them: one after the other, also those in which nothing was.

import type { HoursTotal } from '@api/types'

/** everyMonth adds the months between the first and the last that have no hours. */
export function everyMonth(rows: readonly HoursTotal[]): HoursTotal[] {
  const of = new Map(rows.map((row) => [row.key, row]))
  const [first, last] = [rows[0]?.key, rows.at(-1)?.key]
  const all: HoursTotal[] = []
  for (let month = first; month && last && month <= last; month = after(month))
    all.push(of.get(month) ?? { key: month, label: month, minutes: 0, people: 0, entries: 0 })
  return all
}

function after(month: string): string {
  const [year = 0, n = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, n)).toISOString().slice(0, 7)
}
