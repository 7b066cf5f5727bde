// Amounts exactly as the server counts them (domain/money): integer minor units, no fractions anywhere. Both sides are tested against
// the same table, cases.json.

export interface Currency {
  code: string
  symbol: string // empty: the code stands before the amount
  decimals: number
  step: number // charges are a multiple of it
  least: number
  most: number
}

export interface Tariff {
  basis_points: number
  fixed: number
  cap: number // 0: none
}

export type AmountError = 'empty' | 'format' | 'decimals' | 'small' | 'large' | 'step'
export type Amount = { ok: true; minor: number } | { ok: false; error: AmountError }

/** parse reads what a person typed, "1,234.5" or "$50". Exponents, signs and other digits than 0-9 are refused. */
export function parse(text: string, currency: Currency): Amount {
  let s = text.trim()
  if (currency.symbol && s.startsWith(currency.symbol)) s = s.slice(currency.symbol.length).trim()
  if (s === '') return { ok: false, error: 'empty' }
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(s)
  if (!match) return { ok: false, error: 'format' }
  let fraction = match[2] ?? ''
  if (/[1-9]/.test(fraction.slice(currency.decimals))) return { ok: false, error: 'decimals' }
  fraction = fraction.slice(0, currency.decimals).padEnd(currency.decimals, '0')
  const digits = ((match[1] ?? '').replaceAll(',', '') + fraction).replace(/^0+/, '')
  if (digits.length > 15) return { ok: false, error: 'large' }
  return { ok: true, minor: Number(digits || '0') }
}

/** chargeable is parse together with what a card can be charged. */
export function chargeable(text: string, currency: Currency): Amount {
  const amount = parse(text, currency)
  if (!amount.ok) return amount
  if (amount.minor < currency.least) return { ok: false, error: 'small' }
  if (amount.minor > currency.most) return { ok: false, error: 'large' }
  if (amount.minor % currency.step !== 0) return { ok: false, error: 'step' }
  return amount
}

/** fee is what a charge of gross minor units costs; the card company rounds half up. */
export function fee(tariff: Tariff, gross: number): number {
  const cost = floorDiv(gross * tariff.basis_points + 5_000, 10_000) + tariff.fixed
  return tariff.cap > 0 ? Math.min(cost, tariff.cap) : cost
}

/** grossOf is the smallest charge that leaves at least net after the fee. */
export function grossOf(tariff: Tariff, net: number, step: number): number {
  const rest = 10_000 - tariff.basis_points
  let gross = floorDiv((net + tariff.fixed) * 10_000 + rest - 1, rest)
  if (gross > 0 && gross - 1 - fee(tariff, gross - 1) >= net) gross--
  if (tariff.cap > 0 && fee(tariff, gross) >= tariff.cap && net + tariff.cap < gross) gross = net + tariff.cap
  const beyond = gross % step
  return beyond === 0 ? gross : gross + step - beyond
}

// floorDiv divides integers below 2^53 exactly: the remainder is taken off first, so the quotient has no fraction to lose.
function floorDiv(a: number, b: number): number {
  return (a - (a % b)) / b
}

/** full writes an amount as receipts do: "$1,234.50". */
export function full(minor: number, currency: Currency): string {
  const digits = String(minor).padStart(currency.decimals + 1, '0')
  const whole = digits.slice(0, digits.length - currency.decimals).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = currency.decimals > 0 ? `.${digits.slice(-currency.decimals)}` : ''
  return `${currency.symbol || `${currency.code} `}${whole}${fraction}`
}

/** decimalOf writes an amount as the form's fields carry it: "1234.50". */
export function decimalOf(minor: number, currency: Currency): string {
  return full(minor, currency)
    .replace(/^[^\d]+/, '')
    .replaceAll(',', '')
}

/** short is full without decimals that are all zero: "$50". For buttons and prose. */
export function short(minor: number, currency: Currency): string {
  return full(minor, currency).replace(/\.0+$/, '')
}

/**
 * monthlyInstead is the monthly amount to propose in place of a gift given once: about a third of it, from the campaign's own row. Large
 * gifts are left alone, and so is one that no smaller amount is offered for.
 */
export function monthlyInstead(
  minor: number,
  row: readonly number[],
  currency: Currency,
): number | undefined {
  if (minor >= currency.least * 200) return undefined // for dollars, 100
  const smaller = row.filter((amount) => amount < minor)
  return smaller.findLast((amount) => amount * 3 <= minor) ?? smaller[0]
}
