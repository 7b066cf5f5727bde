import { expect, it } from 'vitest'
import '@lib/testing'
import { draftReminders, remindersOf, remindersProblem, remindersWords } from './reminders'

it('says what is usual in words', () => {
  expect(remindersWords(draftReminders())).toBe(
    '7 days before it is due, then every 10 days until it is paid, at most 3 times. Every reminder carries a link to pay.',
  )
  expect(remindersWords({ on: true, before: '0', every: '5', most: '1' })).toMatch(
    /^On the day it is due, once\./,
  )
})

it('sends none for a card that is charged by itself, or when nobody wants any', () => {
  expect(remindersOf(draftReminders(), false)).toEqual({ before_days: 7, every_days: 10, at_most: 3 })
  const none = { before_days: 0, every_days: 0, at_most: 0 }
  expect(remindersOf(draftReminders(), true)).toEqual(none)
  expect(remindersOf({ ...draftReminders(), on: false }, false)).toEqual(none)
})

it('refuses too many, and too far apart', () => {
  expect(remindersProblem({ on: true, before: '61', every: '1', most: '1' })).toBeDefined()
  expect(remindersProblem({ on: true, before: '1', every: 'x', most: '1' })).toBeDefined()
  expect(remindersProblem({ on: true, before: '1', every: '1', most: '0' })).toBeDefined()
  expect(remindersProblem({ on: true, before: '1', every: '1', most: '11' })).toBeDefined()
  expect(remindersProblem({ on: false, before: 'x', every: '', most: '' })).toBeUndefined()
})
