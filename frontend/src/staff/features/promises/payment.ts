// What money that came by hand does to a pledge: the same rule as the server's, told before it is recorded.

import { formatDate } from '@lib/dates'
import { formatMoney } from '@lib/money'
import { t } from '@lib/t'
import type { Instalment } from '@api/types'
import { IN_FLIGHT, OPEN } from './words'

type Owed = Pick<Instalment, 'id' | 'n' | 'due_on' | 'amount' | 'state'>

/** payable lists the instalments that money can be for: open, something left to pay, and nothing under way. */
export const payable = <T extends Owed>(instalments: readonly T[]): T[] =>
  instalments.filter(
    (i) => OPEN.includes(i.state) && !IN_FLIGHT.includes(i.state) && i.amount.amount_minor > 0,
  )

/**
 * effectWords says what an amount for one instalment does to the others. What is missing rolls on to the next
 * open one, or to a new last one; what is too much reduces the following ones, then the earlier ones.
 */
export function effectWords(instalments: readonly Owed[], id: string, minor: number): string {
  const chosen = instalments.find((i) => i.id === id)
  if (!chosen) return ''
  const { currency } = chosen.amount
  const money = (amount_minor: number): string => formatMoney({ amount_minor, currency })
  const others = payable(instalments).filter((i) => i.id !== id)
  const following = others.filter((i) => i.n > chosen.n)
  const difference = minor - chosen.amount.amount_minor
  if (difference === 0) return t('pledge.effect.exact', { N: chosen.n })
  if (difference < 0) {
    const [next] = following
    return next
      ? t('pledge.effect.less', {
          Rest: money(-difference),
          N: next.n,
          Date: formatDate(next.due_on),
          Amount: money(next.amount.amount_minor - difference),
        })
      : t('pledge.effect.less_last', { Rest: money(-difference) })
  }
  const rest = others.reduce((sum, i) => sum + i.amount.amount_minor, 0)
  if (difference > rest) return t('pledge.effect.beyond', { Rest: money(difference - rest) })
  if (difference === rest) return t('pledge.effect.all')
  return t(following.length > 0 ? 'pledge.effect.more' : 'pledge.effect.more_before', {
    Rest: money(difference),
    Left: money(rest - difference),
  })
}
