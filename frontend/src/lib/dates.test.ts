import { describe, expect, it } from 'vitest'
import { addDays, formatDate, formatMonth, formatRelative, isDay, today } from './dates'

const now = new Date('2026-11-22T12:00:00Z')

describe('dates', () => {
  it('never shift a calendar day by the zone', () => {
    expect(formatDate('2026-01-01')).toBe('Jan 1, 2026')
  })

  it('write a month with and without its year, whatever the zone', () => {
    expect(formatMonth('2027-01')).toBe('Jan 2027')
    expect(formatMonth('2027-01', true)).toBe('Jan')
  })

  it('tell a day from an instant', () => {
    expect([isDay('2026-11-22'), isDay('2026-11-22T00:00:00Z')]).toEqual([true, false])
  })

  it('are relative for less than 30 days', () => {
    expect(formatRelative('2026-11-22T11:59:00Z', now)).toBe('1 minute ago')
    expect(formatRelative('2026-11-22T09:00:00Z', now)).toBe('3 hours ago')
    expect(formatRelative('2026-11-20T12:00:00Z', now)).toBe('2 days ago')
    expect(formatRelative('2026-11-27T12:00:00Z', now)).toBe('in 5 days')
  })

  it('are absolute beyond', () => {
    expect(formatRelative('2026-10-01T12:00:00Z', now)).toBe('Oct 1, 2026')
  })

  it('count days over month ends and leap days', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(today(new Date(2026, 0, 5))).toBe('2026-01-05')
  })

  it('are another day in another zone', () => {
    const night = new Date('2026-11-22T01:30:00Z')
    expect(today(night, 'America/New_York')).toBe('2026-11-21')
    expect(today(night, 'Asia/Tokyo')).toBe('2026-11-22')
  })
})
