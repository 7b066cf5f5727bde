import { describe, expect, it } from 'vitest'
import '@lib/testing'
import { draftOf, draftProblems, emptyDraft, fieldsOf } from './draft'
import { opportunity, shift } from './sample'
import { draftOfShift, fieldsOfShift, moveDay, newShift, shiftProblems } from './shift'

const wrong = (problems: Record<string, string | undefined>) =>
  Object.keys(problems).filter((field) => problems[field])

describe('an opportunity', () => {
  it('comes back from the form as it went in', () => {
    const saved = opportunity({
      requirements: [{ kind_id: 'k1', name: 'Licence' }],
      skills: ['driving'],
      min_age: 18,
      party_max: 4,
      waitlist_max: 0,
      place: { ...opportunity().place, latitude: 42.1, longitude: -73.9 },
    })
    const fields = fieldsOf(draftOf(saved))
    expect(fields).toMatchObject({
      title: saved.title,
      place: saved.place,
      skills: ['driving'],
      min_age: 18,
      party_max: 4,
      waitlist_max: 0,
      requirements: ['k1'],
      opens_before_hours: 336,
      closes_before_minutes: 120,
      cancel_before_minutes: 1440,
    })
    expect(wrong(draftProblems(draftOf(saved)))).toEqual([])
  })

  it('needs a title, a sentence and an address', () => {
    const empty = emptyDraft('America/New_York', { name: '', email: '' })
    expect(wrong(draftProblems(empty))).toEqual(['title', 'summary', 'slug'])
  })

  it('reads degrees in both halves or not at all', () => {
    const draft = draftOf(opportunity())
    draft.place.latitude = '42.3'
    expect(wrong(draftProblems(draft))).toEqual(['latitude'])
    draft.place.longitude = '-71.05'
    expect(wrong(draftProblems(draft))).toEqual([])
    draft.place.longitude = '-271'
    expect(wrong(draftProblems(draft))).toEqual(['latitude'])
  })

  it('asks for windows only where there are shifts', () => {
    const draft = draftOf(opportunity())
    draft.window.cancel.number = 'x'
    expect(wrong(draftProblems(draft))).toEqual(['cancel_before_minutes'])
    draft.party_max = '51'
    expect(wrong(draftProblems(draft))).toEqual(['party_max', 'cancel_before_minutes'])
    draft.kind = 'flexible'
    expect(fieldsOf(draft).party_max).toBe(1)
    draft.window.cancel.number = '0'
    draft.starts_on = '2026-12-01'
    draft.ends_on = '2026-11-01'
    expect(wrong(draftProblems(draft))).toEqual(['ends_on'])
  })
})

describe('a shift', () => {
  it('comes back from the form as it went in, or where it was dragged to', () => {
    expect(fieldsOfShift(draftOfShift(shift()))).toMatchObject({
      starts_local: '2099-11-23T09:00',
      ends_local: '2099-11-23T12:00',
      places: 8,
      zone: 'America/New_York',
    })
    const dragged = draftOfShift(shift(), '2099-11-24T22:00', '2099-11-25T01:00')
    expect(fieldsOfShift(dragged)).toMatchObject({
      starts_local: '2099-11-24T22:00',
      ends_local: '2099-11-25T01:00',
    })
  })

  it('takes its last day along when it moves', () => {
    const draft = draftOfShift(shift(), '2099-11-24T22:00', '2099-11-25T01:00')
    moveDay(draft, '2099-12-31')
    expect(draft.end_day).toBe('2100-01-01')
  })

  it('ends after it starts, within two days, with places', () => {
    const draft = newShift('2026-11-23', 'UTC', { closes_before_minutes: 0, cancel_before_minutes: 0 })
    expect(wrong(shiftProblems(draft))).toEqual([])
    draft.end = '08:00'
    draft.places = '0'
    expect(wrong(shiftProblems(draft))).toEqual(['ends_local', 'places'])
    draft.end_day = '2026-11-26'
    expect(shiftProblems(draft).ends_local).toMatch(/at most 48 hours/)
    draft.day = ''
    expect(wrong(shiftProblems(draft))).toContain('starts_local')
  })
})
