// What a line of the history changed, in words: amounts as money, states by their names, days as dates.

import type { HistoryLine } from '@api/types'
import { formatDate, isDay } from '@lib/dates'
import { formatMoney, type Money } from '@lib/money'
import { has, t } from '@lib/t'

type Fields = Record<string, unknown>

// Names whose values the catalogue says in words, by what stands before the value in its key.
const WORDS: Record<string, readonly string[]> = {
  status: ['gift.status.', 'promises.status.'],
  next_state: ['promises.state.'],
  state: ['promises.state.'],
  instalment_state: ['promises.state.'],
  kind: ['promises.kind.'],
  unit: ['promises.unit.'],
  decline_code: ['decline.'],
  method: ['gift.method.', 'promises.method.'],
  review_reason: ['gift.review.'],
  reason: ['refund.reason.', 'audit.refund.', 'promises.reason.'],
}

// What only machines read.
const HIDDEN = new Set(['currency', 'donation_id', 'card_id', 'instalment_id'])

/** changesOf lists what changed, "Status: Recorded → Refunded". Amounts without a currency are the gift's. */
export function changesOf(line: HistoryLine, currency: string): string[] {
  const before = fieldsOf(line.before)
  const after = fieldsOf(line.after)
  return Object.keys(after)
    .filter((name) => !HIDDEN.has(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => {
      const now = valueOf(name, after, currency)
      return name in before
        ? t('audit.change', { Field: labelOf(name), Before: valueOf(name, before, currency), After: now })
        : t('audit.set', { Field: labelOf(name), Value: now })
    })
}

function labelOf(name: string): string {
  const known = [name, name.replace(/_minor$/, '')].map((n) => `audit.field.${n}`).find(has)
  return known ? t(known) : name.replaceAll('_', ' ')
}

function valueOf(name: string, fields: Fields, currency: string): string {
  const value = fields[name]
  if (isMoney(value)) return formatMoney(value)
  if (name.endsWith('_minor') && typeof value === 'number') {
    const own = fields['currency']
    return formatMoney({ amount_minor: value, currency: typeof own === 'string' ? own : currency })
  }
  if (typeof value !== 'string') return JSON.stringify(value)
  if (isDay(value)) return formatDate(value)
  const known = WORDS[name]?.map((prefix) => prefix + value).find(has)
  return known ? t(known) : value || '–'
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function isMoney(value: unknown): value is Money {
  const fields = fieldsOf(value)
  return typeof fields['amount_minor'] === 'number' && typeof fields['currency'] === 'string'
}
