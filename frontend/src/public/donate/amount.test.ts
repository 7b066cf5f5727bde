import table from './cases.json'
import {
  chargeable,
  fee,
  full,
  grossOf,
  monthlyInstead,
  parse,
  short,
  type Currency,
  type Tariff,
} from './amount'

const currencies = table.currencies as Record<string, Currency>
const tariffs = table.tariffs as Record<string, Tariff>

function currency(code: string): Currency {
  const found = currencies[code]
  if (!found) throw new Error(`no currency ${code} in the table`)
  return found
}

// The same table holds for the server: app/fundraising/cases_test.go.
describe('amounts as the server counts them', () => {
  for (const row of table.parse as {
    text: string
    currency: string
    minor?: number
    error: string
    full: string
    short: string
  }[])
    test(`${JSON.stringify(row.text)} in ${row.currency} is ${row.error || String(row.minor)}`, () => {
      const amount = chargeable(row.text, currency(row.currency))
      if (row.error) {
        expect(amount).toEqual({ ok: false, error: row.error })
        return
      }
      expect(amount).toEqual({ ok: true, minor: row.minor })
      expect(full(row.minor ?? -1, currency(row.currency))).toBe(row.full)
      expect(short(row.minor ?? -1, currency(row.currency))).toBe(row.short)
    })

  test('the fee cover leaves the whole gift', () => {
    expect(table.cover.length).toBeGreaterThan(200)
    for (const row of table.cover) {
      const tariff = tariffs[row.tariff]
      if (!tariff) throw new Error(`no tariff ${row.tariff} in the table`)
      const gross = grossOf(tariff, row.net, currency(row.currency).step)
      expect([row, gross]).toEqual([row, row.gross])
      expect(fee(tariff, gross)).toBe(row.fee)
    }
  })

  test('an empty field is told apart from nonsense', () => {
    expect(parse('  ', currency('USD'))).toEqual({ ok: false, error: 'empty' })
    expect(parse('$', currency('USD'))).toEqual({ ok: false, error: 'empty' })
  })
})

test('in place of a small gift about a third of it every month is proposed', () => {
  const row = [1000, 2500, 5000, 10_000]
  const instead = (minor: number) => monthlyInstead(minor, row, currency('USD'))
  expect([900, 1000, 1500, 3000, 5000, 7500, 9999].map(instead)).toEqual([
    undefined,
    undefined,
    1000,
    1000,
    1000,
    2500,
    2500,
  ])
  expect([10_000, 500_000].map(instead)).toEqual([undefined, undefined])
})
