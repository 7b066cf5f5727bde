import { describe, expect, it } from 'vitest'
import '@lib/testing'
import { byDay, eventOf, jump, rangeOf, rolesOf, shownOf, turn } from './calendar'
import { fillWords } from './fill'
import { shift } from './sample'
import {
  formatSpan,
  formatWhen,
  lengthWords,
  minutesBetween,
  mondayOf,
  moveWall,
  wallNow,
  zoneName,
} from './wall'

const now = '2026-11-22T10:30'

describe('what the address shows', () => {
  it('is the week on a desktop and the list on a phone, until something is chosen', () => {
    expect(shownOf(new URLSearchParams(), false, now).view).toBe('week')
    expect(shownOf(new URLSearchParams(), true, now).view).toBe('list')
    expect(shownOf(new URLSearchParams('view=day'), true, now).view).toBe('day')
    expect(shownOf(new URLSearchParams('view=year'), false, now).view).toBe('week')
  })

  it('is now, or the day and hour that it names', () => {
    expect(shownOf(new URLSearchParams(), false, now).at).toBe(now)
    expect(shownOf(new URLSearchParams('at=2026-12-24'), false, now).at).toBe('2026-12-24T08:00')
    expect(shownOf(new URLSearchParams('at=2026-12-24T18:00'), false, now).at).toBe('2026-12-24T18:00')
    expect(shownOf(new URLSearchParams('at=soon'), false, now).at).toBe(now)
  })

  it('covers a day, the week from Monday on, or two weeks of the list', () => {
    expect(rangeOf({ view: 'day', at: now })).toEqual({ from: '2026-11-22', until: '2026-11-23' })
    expect(rangeOf({ view: 'week', at: now })).toEqual({ from: '2026-11-16', until: '2026-11-23' })
    expect(rangeOf({ view: 'list', at: now })).toEqual({ from: '2026-11-22', until: '2026-12-06' })
  })

  it('turns pages and jumps hours, also over midnight and the end of the year', () => {
    expect(turn({ view: 'week', at: now }, 1)).toBe('2026-11-29T10:30')
    expect(turn({ view: 'day', at: '2027-01-01T08:00' }, -1)).toBe('2026-12-31T08:00')
    expect(jump('2026-12-31T22:00', 4)).toBe('2027-01-01T02:00')
    expect(jump(now, -8)).toBe('2026-11-22T02:30')
  })
})

describe('events', () => {
  it('stand at the wall time of the place, in the class of how full they are', () => {
    expect(eventOf(shift(), true, '2026-01-01T00:00:00Z')).toMatchObject({
      id: 's1',
      start: '2099-11-23T09:00:00',
      end: '2099-11-23T12:00:00',
      title: 'Drive meals',
      className: 'fill-short',
      editable: true,
    })
  })

  it('cannot be dragged once over, cancelled, or by whoever may only look', () => {
    expect(eventOf(shift(), true, '2100-01-01T00:00:00Z').editable).toBe(false)
    expect(eventOf(shift({ status: 'cancelled', fill: 'cancelled' }), true, now).editable).toBe(false)
    expect(eventOf(shift(), false, now).editable).toBe(false)
  })
})

it('groups by day in the order of time', () => {
  const days = byDay([
    shift({ id: 'b', starts_local: '2026-11-24T09:00' }),
    shift({ id: 'c', starts_local: '2026-11-23T14:00' }),
    shift({ id: 'a', starts_local: '2026-11-23T09:00' }),
  ])
  expect(days.map((d) => [d.day, d.shifts.map((s) => s.id)])).toEqual([
    ['2026-11-23', ['a', 'c']],
    ['2026-11-24', ['b']],
  ])
})

it('lists each role once', () => {
  expect(rolesOf([{ role: 'Driver' }, { role: '' }, { role: 'Cook' }, { role: 'Driver' }])).toEqual([
    'Cook',
    'Driver',
  ])
})

it('says how full a shift is in words', () => {
  expect(fillWords(shift())).toBe('2 of 8 places')
  expect(fillWords(shift({ fill: 'full', taken: 9, free: 0, waiting: 3, over: 1 }))).toBe(
    '9 of 8 places, 3 waiting, 1 over',
  )
  expect(fillWords(shift({ fill: 'cancelled' }))).toBe('Cancelled')
})

describe('wall times', () => {
  it('are calculated without any zone', () => {
    // In the night of 29 March 2026 clocks in Berlin skip an hour; the hand on the wall does not.
    expect(moveWall('2026-03-28T23:30', 180)).toBe('2026-03-29T02:30')
    expect(minutesBetween('2026-03-28T22:00', '2026-03-29T06:00')).toBe(480)
    expect(mondayOf('2026-11-22')).toBe('2026-11-16')
    expect(mondayOf('2026-11-23')).toBe('2026-11-23')
  })

  it('are written with the day of the end where it is another one', () => {
    expect(formatSpan('2099-11-23T09:00', '2099-11-23T12:30')).toMatch(/^9:00\sAM – 12:30\sPM$/)
    expect(formatWhen('2099-11-23T22:00', '2099-11-24T06:00')).toMatch(
      /^Mon, Nov 23, 2099, 10:00\sPM – Tue, Nov 24, 2099, 6:00\sAM$/,
    )
  })

  it('name the zone as people do', () => {
    expect(zoneName('America/New_York', '2026-11-23T14:00:00Z')).toBe('EST')
    expect(wallNow('America/New_York', new Date('2026-11-23T04:59:00Z'))).toBe('2026-11-22T23:59')
  })

  it('say lengths', () => {
    expect([0, 45, 60, 150].map(lengthWords)).toEqual(['0 min', '45 min', '1 h', '2 h 30 min'])
  })
})
