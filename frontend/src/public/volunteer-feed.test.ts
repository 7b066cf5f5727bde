// The calendar feed of volunteers, read by a parser that shares nothing with what writes it. The file is written and compared by
// TestTheGoldenFeed of app/volunteering.

import { readFileSync } from 'node:fs'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'

const text = readFileSync('../app/volunteering/testdata/feed.ics', 'utf8')
const calendar = new ICAL.Component(ICAL.parse(text))
const events = calendar.getAllSubcomponents('vevent').map((e) => new ICAL.Event(e))
const status = (e: InstanceType<typeof ICAL.Event>) => e.component.getFirstPropertyValue('status')

describe('the calendar feed', () => {
  it('is a calendar with a name and three events', () => {
    expect(calendar.getFirstPropertyValue('version')).toBe('2.0')
    expect(calendar.getFirstPropertyValue('method')).toBe('PUBLISH')
    expect(calendar.getFirstPropertyValue('x-wr-calname')).toBe('Shifts at Riverbend Trust')
    expect(String(calendar.getFirstPropertyValue('refresh-interval'))).toBe('PT1H')
    expect(events).toHaveLength(3)
  })

  it('says what, when and where', () => {
    const e = events[0]!
    expect(e.uid).toBe('01930000-0000-7000-8000-000000000001@give.example.org')
    expect(e.sequence).toBe(3)
    expect(e.summary).toBe('Pack "parcels", fast; 🥕 \\ carrots')
    expect(e.location).toBe('Food bank; hall 2, 5 Dock Street, Riverbend NY 12500')
    expect(e.startDate.toJSDate().toISOString()).toBe('2026-11-28T14:00:00.000Z')
    expect(e.endDate.toJSDate().toISOString()).toBe('2026-11-28T17:00:00.000Z')
    expect(status(e)).toBe('CONFIRMED')
    expect(e.description.split('\n')).toEqual([
      'Riverbend Trust',
      'When: Sat 28 Nov 2026, 09:00–12:00 EST',
      'Getting there: Ring twice.',
      'Mind the dog; it bites, hard.',
      'Contact: Mo, Carter, mo@riverbend.example',
      'My shifts: https://give.example.org/my/riverbend/shifts',
    ])
  })

  it('lasts seven hours in the night in which summer time begins', () => {
    const e = events[1]!
    expect(e.duration.toSeconds()).toBe(7 * 3600)
    expect(status(e)).toBe('TENTATIVE')
    expect(e.summary).toContain('(waitlist)')
  })

  it('keeps what was cancelled, and says so', () => {
    const e = events[2]!
    expect(status(e)).toBe('CANCELLED')
    expect(e.summary).toContain('(cancelled)')
    expect(e.description).toContain('Cancelled: Storm, heavy')
  })
})
