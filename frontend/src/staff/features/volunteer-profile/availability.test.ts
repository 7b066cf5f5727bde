import { expect, it } from 'vitest'
import { DAYS, dayName, has, PARTS, set, timesOf } from './availability'

it('keeps each part of each day by itself, as the server counts them', () => {
  let bits = 0
  for (const day of DAYS)
    for (const [part] of PARTS.entries()) {
      const one = set(0, day, part, true)
      expect(one).toBe(2 ** (day * 4 + part))
      expect(bits & one).toBe(0)
      bits |= one
    }
  expect(bits).toBe(2 ** 28 - 1)
  const without = set(bits, 2, 1, false)
  expect(has(without, 2, 1)).toBe(false)
  expect(has(without, 2, 0)).toBe(true)
  expect(set(without, 2, 1, true)).toBe(bits)
})

it('begins the week on Monday', () => {
  expect(DAYS.map((day) => dayName(day, 'short', 'en-US'))).toEqual([
    'Mon',
    'Tue',
    'Wed',
    'Thu',
    'Fri',
    'Sat',
    'Sun',
  ])
})

it('lists the days with time and leaves out the others', () => {
  expect(timesOf(set(set(0, 6, 2, true), 0, 0, true), 'en-US')).toEqual([
    { day: 'Mon', parts: ['morning'] },
    { day: 'Sun', parts: ['evening'] },
  ])
  expect(timesOf(0, 'en-US')).toEqual([])
})
