// Money is integer minor units with a currency. Nothing here ever passes through a fractional number.

export interface Money {
  amount_minor: number
  currency: string
}

const formatters = new Map<string, Intl.NumberFormat>()
const digitCache = new Map<string, number>()

// locale is the page's language, so that Go and the browser write the same amounts.
function locale(): string {
  return (typeof document !== 'undefined' && document.documentElement.lang) || 'en-US'
}

// Building a formatter is slow, and tables format thousands of cells: build each once.
function formatter(currency: string, options: Intl.NumberFormatOptions, kind: string): Intl.NumberFormat {
  const key = `${locale()} ${currency} ${kind}`
  let f = formatters.get(key)
  if (!f) {
    f = new Intl.NumberFormat(locale(), { style: 'currency', currency, ...options })
    formatters.set(key, f)
  }
  return f
}

/** digitsOf returns the currency's decimals: USD 2, JPY 0, KWD 3. An unknown code counts as 2. */
export function digitsOf(currency: string): number {
  let digits = digitCache.get(currency)
  if (digits === undefined) {
    digits = /^[A-Z]{3}$/.test(currency)
      ? (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
          .maximumFractionDigits ?? 2)
      : 2
    digitCache.set(currency, digits)
  }
  return digits
}

/** decimalText writes minor units as plain decimal text, "1234.50", without any float in between. */
export function decimalText(minor: number, currency: string): string {
  const digits = digitsOf(currency)
  const sign = minor < 0 ? '-' : ''
  const text = String(Math.abs(minor)).padStart(digits + 1, '0')
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** formatMoney always shows decimals: "$50.00". For tables and totals. */
export function formatMoney(money: Money): string {
  return formatter(money.currency, {}, 'full').format(exact(money))
}

/** formatShort leaves out decimals that are zero: "$50", "$51.81". For buttons and prose. */
export function formatShort(money: Money): string {
  const whole = money.amount_minor % 10 ** digitsOf(money.currency) === 0
  if (!whole) return formatMoney(money)
  return formatter(money.currency, { minimumFractionDigits: 0, maximumFractionDigits: 0 }, 'short').format(
    exact(money),
  )
}

/** symbolOf returns what stands beside an amount in this currency: "$", "€", "KWD". */
export function symbolOf(currency: string): string {
  if (!/^[A-Z]{3}$/.test(currency)) return currency
  const parts = formatter(currency, {}, 'full').formatToParts(0)
  return parts.find((p) => p.type === 'currency')?.value ?? currency
}

// Intl formats decimal strings exactly; its older type only names numbers.
function exact(money: Money): number {
  return decimalText(money.amount_minor, money.currency) as unknown as number
}

export type ParseError = 'empty' | 'not_a_number' | 'too_many_decimals' | 'too_large'
export type Parsed = { ok: true; minor: number } | { ok: false; error: ParseError }

const LARGEST = 999_999_999_999 // twelve digits, as the card networks carry

/**
 * parseMinor reads what a person typed, "1,234.5" or "$50", as minor units of the currency. Digits beyond
 * the currency's decimals are refused, never rounded; so are exponents, signs and non-ASCII digits.
 */
export function parseMinor(text: string, currency: string): Parsed {
  const digits = digitsOf(currency)
  const cleaned = text.replace(symbolOf(currency), '').replace(/[\s\u00a0]/g, '')
  if (cleaned === '') return { ok: false, error: 'empty' }
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d*))?$/.exec(cleaned)
  const whole = match?.[1]?.replaceAll(',', '') ?? ''
  const fraction = match?.[2] ?? ''
  if (!match || (whole === '' && fraction === '')) return { ok: false, error: 'not_a_number' }
  if (fraction.length > digits) return { ok: false, error: 'too_many_decimals' }
  const joined = (whole + fraction.padEnd(digits, '0')).replace(/^0+(?=\d)/, '')
  if (joined.length > 12 || Number(joined) > LARGEST) return { ok: false, error: 'too_large' }
  return { ok: true, minor: Number(joined) }
}
