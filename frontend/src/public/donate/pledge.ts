// A pledge as it is typed, and what it comes to. The server checks the same again.

import { t } from '../../lib/t'
import { full, parse, type AmountError, type Currency } from './amount'
import { divide, every, MOST, today, type Part, type Schedule } from './schedule'

export interface PledgeText {
  total: string
  count: string
  interval: string
  first_on: string
}

export type PledgeMistakes = Partial<Record<'total' | 'count' | 'first_on', string>>
export type Pledge =
  { ok: true; total: number; parts: Part[]; schedule: Schedule } | { ok: false; mistakes: PledgeMistakes }

/** FAR is how many days ahead the first payment may be. */
const FAR = 5 * 366

/** checkPledge reads what was typed: its parts, or what is wrong with each field. */
export function checkPledge(text: PledgeText, currency: Currency): Pledge {
  const total = parse(text.total, currency)
  const count = /^\d{1,3}$/.test(text.count.trim()) ? Number(text.count) : 0
  const mistakes: PledgeMistakes = {}
  if (!total.ok) mistakes.total = amountMessage(total.error, currency)
  else if (total.minor < currency.least) mistakes.total = amountMessage('small', currency)
  else if (total.minor % currency.step !== 0) mistakes.total = amountMessage('step', currency)
  if (count < 1 || count > MOST) mistakes.count = t('give.error_count')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text.first_on)) mistakes.first_on = t('give.error_first')
  else if (text.first_on < today()) mistakes.first_on = t('give.error_first_past')
  else if (text.first_on > today(FAR)) mistakes.first_on = t('give.error_first_far')
  if (!total.ok || Object.keys(mistakes).length > 0) return { ok: false, mistakes }
  const schedule = every(text.interval, text.first_on)
  const parts = divide(total.minor, count, schedule, currency)
  if (typeof parts === 'string') return { ok: false, mistakes: { count: t(`give.error_part_${parts}`) } }
  return { ok: true, total: total.minor, parts, schedule }
}

/** amountMessage says what is wrong with an amount. */
export function amountMessage(error: AmountError, currency: Currency): string {
  return t(`give.error_amount_${error}`, {
    Least: full(currency.least, currency),
    Most: full(currency.most, currency),
  })
}
