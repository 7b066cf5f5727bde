import { expect, it } from 'vitest'
import '@lib/testing'
import { inHours, parseLength, timeOf, typed } from './length'

it('writes minutes as people say them', () => {
  expect([1, 45, 60, 150, 1440].map(inHours)).toEqual(['1 min', '45 min', '1 h', '2 h 30 min', '24 h'])
})

it('says how many gave the time, each', () => {
  expect(timeOf(120, 1)).toBe('2 h')
  expect(timeOf(150, 4)).toBe('2 h 30 min × 4 people')
})

it('reads what it writes, and what people type', () => {
  for (const minutes of [1, 45, 60, 61, 150, 1440]) {
    expect(parseLength(inHours(minutes))).toBe(minutes)
    expect(parseLength(typed(minutes))).toBe(minutes)
  }
  expect(parseLength('2.5')).toBe(150)
  expect(parseLength('2,25')).toBe(135)
  expect(parseLength(' 3 ')).toBe(180)
  expect(parseLength('2h30')).toBe(150)
  expect(parseLength('90 minutes')).toBe(90)
})

it('does not guess', () => {
  for (const text of ['', ' ', 'x', '2:75', '-1', '1e3', '2.5.1', 'two', '3 days'])
    expect(parseLength(text), text).toBeUndefined()
})
