import { digitsOf, formatMoney, parseMinor } from '@lib/money'
import { t } from '@lib/t'

/** amountProblem says what is wrong with a typed amount: not a number, too fine, nothing, or above the most. */
export function amountProblem(text: string, currency: string, most?: number): string | undefined {
  const parsed = parseMinor(text, currency)
  if (!parsed.ok) return t(`amount.${parsed.error}`, { Currency: currency, Count: digitsOf(currency) })
  if (parsed.minor === 0) return t('amount.zero')
  if (most !== undefined && parsed.minor > most)
    return t('amount.above', { Amount: formatMoney({ amount_minor: most, currency }) })
  return undefined
}
