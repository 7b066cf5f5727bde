import { describe, expect, it } from 'vitest'
import '@lib/testing'
import { minutesOf, spanOf, windowDraft, windowOf, windowProblems, windowWords } from './windows'

const usual = { opens_before_hours: 336, closes_before_minutes: 120, cancel_before_minutes: 1440 }

it('writes minutes in the largest unit that divides them, and reads them back', () => {
  expect(spanOf(20160)).toEqual({ number: '14', unit: 'days' })
  expect(spanOf(90)).toEqual({ number: '90', unit: 'minutes' })
  expect(spanOf(0)).toEqual({ number: '0', unit: 'hours' })
  for (const minutes of [0, 1, 59, 60, 90, 120, 1440, 1500, 20160])
    expect(minutesOf(spanOf(minutes))).toBe(minutes)
  expect(minutesOf({ number: '1.5', unit: 'hours' })).toBeUndefined()
})

it('comes back from the form as it went in', () => {
  expect(windowOf(windowDraft(usual))).toEqual(usual)
  const late = { closes_before_minutes: -30, cancel_before_minutes: 0 }
  expect(windowOf(windowDraft(late))).toEqual(late)
})

it('says the window in sentences', () => {
  expect(windowWords(usual)).toEqual([
    'Sign-up opens 14 days before.',
    'Sign-up closes 2 hours before.',
    'Volunteers can cancel until 1 day before.',
  ])
  expect(windowWords({ closes_before_minutes: -30, cancel_before_minutes: 0 })).toEqual([
    'Sign-up is open at once.',
    'Sign-up closes 30 minutes after the start.',
    'Volunteers can cancel until it starts.',
  ])
})

describe('windowProblems', () => {
  it('finds nothing wrong with what is usual', () => {
    expect(Object.values(windowProblems(windowDraft(usual))).filter(Boolean)).toEqual([])
  })

  it('refuses a sign-up that closes before it opens', () => {
    const never = windowDraft({ ...usual, opens_before_hours: 1, closes_before_minutes: 120 })
    expect(windowProblems(never).closes_before_minutes).toBe('Sign-up would close before it opens.')
  })

  it('refuses more than twelve hours after the start, and what is no number', () => {
    const late = windowDraft({ closes_before_minutes: -721, cancel_before_minutes: 0 })
    expect(windowProblems(late).closes_before_minutes).toMatch(/at most 12 hours/)
    late.cancel = { number: 'soon', unit: 'hours' }
    expect(windowProblems(late).cancel_before_minutes).toBe('Enter a whole number, up to a year.')
  })
})
