import { describe, expect, it } from 'vitest'
import { decimalText, digitsOf, formatMoney, formatShort, parseMinor, symbolOf } from './money'

describe('digits', () => {
  it('come from the currency', () => {
    expect([digitsOf('USD'), digitsOf('JPY'), digitsOf('KWD')]).toEqual([2, 0, 3])
  })

  it('are two for a code that is no currency', () => {
    expect(digitsOf('nonsense')).toBe(2)
  })
})

describe('formatting', () => {
  it('always shows decimals in tables', () => {
    expect(formatMoney({ amount_minor: 5000, currency: 'USD' })).toBe('$50.00')
    expect(formatMoney({ amount_minor: 5000, currency: 'JPY' })).toBe('¥5,000')
    expect(formatMoney({ amount_minor: 5124, currency: 'KWD' }).replace(/\s/g, ' ')).toBe('KWD 5.124')
  })

  it('leaves out decimals that are zero in prose', () => {
    expect(formatShort({ amount_minor: 5000, currency: 'USD' })).toBe('$50')
    expect(formatShort({ amount_minor: 5181, currency: 'USD' })).toBe('$51.81')
  })

  it('keeps every digit of an amount that a float would round', () => {
    expect(formatMoney({ amount_minor: 9007199254740991, currency: 'USD' })).toBe('$90,071,992,547,409.91')
  })

  it('writes negative amounts', () => {
    expect(formatMoney({ amount_minor: -5, currency: 'USD' })).toBe('-$0.05')
    expect(decimalText(-5, 'USD')).toBe('-0.05')
  })

  it('knows the symbol', () => {
    expect([symbolOf('USD'), symbolOf('EUR')]).toEqual(['$', '€'])
  })
})

describe('parsing', () => {
  it.each([
    ['50', 'USD', 5000],
    ['$50', 'USD', 5000],
    ['1,234.5', 'USD', 123450],
    ['0.49', 'USD', 49],
    ['.5', 'USD', 50],
    ['5.', 'USD', 500],
    ['1.1', 'USD', 110],
    ['99,999,999.99', 'USD', 9999999999],
    ['5000', 'JPY', 5000],
    ['5.124', 'KWD', 5124],
    ['007', 'USD', 700],
  ])('reads %s %s', (typed, currency, minor) => {
    expect(parseMinor(typed, currency)).toEqual({ ok: true, minor })
  })

  it.each([
    ['', 'USD', 'empty'],
    ['  ', 'USD', 'empty'],
    ['1e3', 'USD', 'not_a_number'],
    ['-5', 'USD', 'not_a_number'],
    ['١٢', 'USD', 'not_a_number'],
    ['1,23', 'USD', 'not_a_number'],
    ['.', 'USD', 'not_a_number'],
    ['0x10', 'USD', 'not_a_number'],
    ['5.001', 'USD', 'too_many_decimals'],
    ['500.5', 'JPY', 'too_many_decimals'],
    ['5.1244', 'KWD', 'too_many_decimals'],
    ['99999999999999', 'USD', 'too_large'],
  ])('refuses %s %s', (typed, currency, error) => {
    expect(parseMinor(typed, currency)).toEqual({ ok: false, error })
  })

  it('is the inverse of decimalText', () => {
    for (const currency of ['USD', 'JPY', 'KWD'])
      for (const minor of [0, 1, 9, 10, 99, 100, 101, 12345678])
        expect(parseMinor(decimalText(minor, currency), currency)).toEqual({ ok: true, minor })
  })
})
