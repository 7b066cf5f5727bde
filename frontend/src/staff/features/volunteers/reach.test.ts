import { expect, it } from 'vitest'
import '@lib/testing'
import { differencesOf, reachOfSeries, reachWords } from './reach'
import { byRole, sheetOf } from './roster'
import { detail, shift, signUpOf } from './sample'
import { differenceWords, endedOf, nameOf, placed, reasonWords, validWords, waitingOf } from './words'

const quiet = { person: { id: 'q', name: 'Quinn', email: '', phone: '555' } }

it('counts honestly who is told, and who has to be called', () => {
  expect(reachWords([])).toBe('Nobody has signed up, so nobody is told.')
  expect(reachWords([signUpOf('a'), signUpOf('b', { status: 'waiting' })])).toBe(
    '2 people will be told by mail.',
  )
  expect(reachWords([signUpOf('a'), signUpOf('q', quiet)])).toBe(
    '1 person will be told by mail. 1 person has no e-mail: please call.',
  )
  // Whoever is gone, or never confirmed the mail, is not told.
  expect(
    reachWords([
      signUpOf('a', { status: 'cancelled' }),
      signUpOf('b', { status: 'no_show' }),
      signUpOf('c', { status: 'held', person: undefined, requested_name: 'Cleo' }),
    ]),
  ).toBe('Nobody has signed up, so nobody is told.')
})

it('says of a series how many shifts are concerned, and adds no people to sign-ups', () => {
  expect(reachOfSeries([shift(), shift({ taken: 3, waiting: 1 })])).toMatch(
    /^2 shifts are concerned\. Everybody/,
  )
  expect(reachOfSeries([shift({ taken: 0, waiting: 1 })])).toMatch(/^1 shift is concerned\. Everybody/)
  expect(reachOfSeries([shift({ taken: 0 })])).toMatch(/Nobody has signed up/)
})

it('lists what volunteers have to know of a change, and not the places', () => {
  const after = { ...shift(), starts_local: '2099-11-23T10:00', meeting_point: ' Gate 2 ', places: 9 }
  const differences = differencesOf(shift(), after)
  expect(differences.map((d) => d.field)).toEqual(['starts', 'place'])
  expect(differenceWords(differences[0]!)).toMatchObject({
    name: 'Starts',
    before: expect.stringMatching(/^Mon, Nov 23, 2099, 9:00\sAM$/),
  })
  expect(differenceWords(differences[1]!)).toEqual({
    name: 'Meeting point',
    before: 'nothing',
    after: 'Gate 2',
  })
  expect(differencesOf(shift(), { ...shift(), places: 9 } as never)).toEqual([])
})

it('parts who has a place, who waits in order, and who is gone', () => {
  const all = [
    signUpOf('w2', { status: 'waiting', position: 2 }),
    signUpOf('a'),
    signUpOf('w1', { status: 'waiting', position: 1 }),
    signUpOf('x', { status: 'lapsed' }),
  ]
  expect(placed(all).map((s) => s.id)).toEqual(['a'])
  expect(waitingOf(all).map((s) => s.id)).toEqual(['w1', 'w2'])
  expect(endedOf(all).map((s) => s.id)).toEqual(['x'])
  expect(nameOf(signUpOf('h', { person: undefined, requested_name: 'Cleo' }))).toBe('Cleo (not confirmed)')
})

it('says why somebody is proposed', () => {
  const because = (code: string, number = 0, words: string[] = []) =>
    reasonWords({ code, points: 1, number, words })
  expect(because('skills', 2, ['driving', 'Spanish'])).toBe('can do: driving, Spanish')
  expect(because('near', 3)).toBe('3 km away')
  expect(because('same_role', 1)).toBe('did this 1 time before')
  expect(because('overlap')).toBe('another shift at that time')
  expect(validWords(24)).toBe('holds 2 years')
  expect(validWords(0)).toBe('holds for ever')
})

it('prints shifts by role, names in order, with lines for walk-ins', () => {
  const cook = detail({ id: 's2', role: 'Cook' })
  const none = detail({ id: 's3', role: '' })
  const drive = detail({
    places: 9,
    sign_ups: [
      signUpOf('b', { person: { id: 'b', name: 'Bo', email: '', phone: '2' }, party: 3 }),
      signUpOf('a', { person: { id: 'a', name: 'Al', email: '', phone: '1' }, over: 1 }),
      signUpOf('c', { person: { id: 'c', name: 'Cy', email: '', phone: '3' }, party: 2, over: 1 }),
      signUpOf('w', { status: 'waiting', position: 1 }),
      signUpOf('h', { status: 'held', person: undefined, requested_name: 'Cleo' }),
    ],
  })
  expect(byRole([none, drive, cook]).map((r) => r.role)).toEqual(['Cook', 'Driver', ''])
  const sheet = sheetOf(drive)
  expect(sheet.lines.map((l) => [l.name, l.party, l.phone, l.note])).toEqual([
    ['Al', 1, '1', 'Beyond the places'],
    ['Bo', 3, '2', ''],
    ['Cy', 2, '3', '1 beyond the places'],
  ])
  expect(sheet.free, 'six of nine places are taken').toBe(3)
  expect(sheet.where).toBe('Community kitchen, 3 Mill Lane, Riverbend')
})
