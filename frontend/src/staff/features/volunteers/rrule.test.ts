import { describe, expect, it } from 'vitest'
import '@lib/testing'
import { follow, noRepeat, nthOf, repeatProblems, repeatWords, ruleOf, weekdayOf, type Repeat } from './rrule'

// 23 November 2026 is the fourth Monday of its month.
const monday = '2026-11-23'
const repeat = (fields: Partial<Repeat>): Repeat => ({ ...noRepeat(monday), ...fields })

describe('ruleOf', () => {
  it('is empty for what happens once', () => {
    expect(ruleOf(noRepeat(monday))).toBe('')
  })

  it('writes weeks with their days in the order of the week', () => {
    expect(ruleOf(repeat({ often: 'week', days: ['TH', 'MO'], count: '10' }))).toBe(
      'FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10',
    )
  })

  it('writes alternate weeks without an end', () => {
    expect(ruleOf(repeat({ often: 'fortnight', ends: 'open' }))).toBe('FREQ=WEEKLY;INTERVAL=2;BYDAY=MO')
  })

  it('writes weekdays of the month until the end of a day', () => {
    const rule = ruleOf(
      repeat({ often: 'month', nths: ['3', '1'], nthDay: 'SA', ends: 'until', until: '2027-02-28' }),
    )
    expect(rule).toBe('FREQ=MONTHLY;BYDAY=1SA,3SA;UNTIL=20270228T235959')
  })
})

describe('repeatProblems', () => {
  it('finds nothing in what happens once, whatever the rest says', () => {
    expect(repeatProblems(repeat({ days: [], count: 'x' }), monday)).toEqual({})
  })

  it('names what is missing and what is out of range', () => {
    expect(repeatProblems(repeat({ often: 'week', days: [], count: '401' }), monday)).toMatchObject({
      days: 'Choose at least one day.',
      count: 'Enter a number from 1 to 400.',
    })
    expect(repeatProblems(repeat({ often: 'month', nths: [] }), monday).nths).toBe('Choose at least one.')
  })

  it('refuses to end before it begins', () => {
    const early = repeat({ often: 'week', ends: 'until', until: '2026-11-22' })
    expect(repeatProblems(early, monday).until).toMatch(/must not be before/)
    expect(repeatProblems({ ...early, until: monday }, monday).until).toBeUndefined()
  })
})

it('says the rule in words', () => {
  expect(repeatWords(repeat({ often: 'fortnight', days: ['TH', 'MO'], count: '10' }))).toBe(
    'Every other week on Monday and Thursday, 10 times',
  )
  expect(repeatWords(repeat({ often: 'month', nths: ['1', '3'], nthDay: 'SA', ends: 'open' }))).toBe(
    'Every first and third Saturday of the month, without an end',
  )
})

it('knows weekdays and their number in the month', () => {
  expect(weekdayOf(monday)).toBe('MO')
  expect(weekdayOf('2026-11-29')).toBe('SU')
  expect(nthOf(monday)).toBe('4')
  expect(nthOf('2026-11-30')).toBe('5')
})

it('follows the first day as long as nobody chose otherwise', () => {
  const moved = follow(repeat({ often: 'week' }), monday, '2026-11-25')
  expect(moved.days).toEqual(['WE'])
  expect(moved.nthDay).toBe('WE')
  expect(follow(repeat({ often: 'week', days: ['MO', 'TH'] }), monday, '2026-11-25').days).toEqual([
    'MO',
    'TH',
  ])
})
