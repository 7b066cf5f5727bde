import { describe, expect, it } from 'vitest'
import type { DoorPerson, DoorShift } from '@api/types'
import { find, lateOf, matches, nearestShift, overlay, tabOf, workedOf } from './board'
import { driftOf, lastTime, clockIn } from './moment'
import { localId, type Action } from './queue'

type DoorStatus = DoorPerson['status']

const person = (id: string, status: DoorStatus, fields: Partial<DoorPerson> = {}): DoorPerson => ({
  sign_up_id: id,
  shift_id: 's1',
  person_id: `p-${id}`,
  name: id,
  email_hint: '',
  phone_hint: '',
  status,
  source: 'public',
  starts_local: '2026-11-22T09:00',
  no_show_note: '',
  party: 1,
  over: false,
  overrides: [],
  version: 1,
  missing: [],
  ...fields,
})

const action = (step: Action['step'], signUp: string, fields: Partial<Action> = {}): Action => ({
  id: `a-${signUp}-${step}`,
  key: 'k',
  seq: 1,
  step,
  signUp,
  shift: 's1',
  name: signUp,
  happenedAt: '2026-11-22T09:07:00Z',
  tries: 0,
  ...fields,
})

const shift = (fields: Partial<DoorShift> = {}): DoorShift => ({
  id: 's1',
  opportunity_id: 'o1',
  over: 0,
  fill: 'filling',
  opportunity_title: 'Food bank',
  role: '',
  title: '',
  meeting_point: '',
  starts_local: '2026-11-22T09:00',
  ends_local: '2026-11-22T12:00',
  zone: 'Europe/London',
  starts_at: '2026-11-22T09:00:00Z',
  ends_at: '2026-11-22T12:00:00Z',
  places: 5,
  free: 1,
  taken: 4,
  waiting: 0,
  status: 'open',
  ...fields,
})

describe('the list at the door', () => {
  it('shows what waits to be sent as done', () => {
    const people = [
      person('ada', 'confirmed'),
      person('grace', 'in', { checked_in_at: '2026-11-22T09:00:00Z' }),
    ]
    const lines = overlay(people, [
      action('in', 'ada'),
      action('out', 'grace'),
      action('walk_in', '', { id: 'w', name: 'Alan T' }),
    ])
    expect(lines.map((l) => [l.name, l.status, l.pending])).toEqual([
      ['ada', 'in', true],
      ['grace', 'done', true],
      ['Alan T', 'in', true],
    ])
    expect(lines[1]?.checked_out_at).toBe('2026-11-22T09:07:00Z')
    // Check-out of somebody whose walk-in has not been sent.
    const after = overlay(
      [],
      [action('walk_in', '', { id: 'w', name: 'Alan T' }), action('out', localId('w'))],
    )
    expect(after.map((l) => l.status)).toEqual(['done'])
  })

  it('takes back the last step, and a walk-in altogether', () => {
    const status = (from: DoorStatus, source: DoorPerson['source'] = 'public') =>
      overlay([person('ada', from, { source })], [action('undo', 'ada')]).map((l) => l.status)
    expect(status('done')).toEqual(['in'])
    expect(status('in')).toEqual(['confirmed'])
    expect(status('no_show')).toEqual(['confirmed'])
    expect(status('in', 'walk_in')).toEqual([])
    expect(status('done', 'walk_in')).toEqual(['in'])
  })

  it('counts those who came along: at the door, after it, and back again', () => {
    const party = (status: DoorStatus, ...steps: Action[]) =>
      overlay([person('ada', status, { party: 4 })], steps).map((l) => [l.status, l.party])
    expect(party('confirmed', action('in', 'ada'))).toEqual([['in', 4]])
    const few = action('in', 'ada', { party: 2, was: 4 })
    expect(party('confirmed', few)).toEqual([['in', 2]])
    expect(party('in', few), 'checked in elsewhere meanwhile').toEqual([['in', 2]])
    const more = action('count', 'ada', { party: 5, was: 2 })
    expect(party('confirmed', few, more)).toEqual([['in', 5]])
    expect(party('done', more), 'nobody comes back for it').toEqual([['done', 5]])
    expect(party('confirmed', more), 'taken back elsewhere meanwhile').toEqual([['confirmed', 4]])
    expect(party('confirmed', few, more, action('undo', 'ada'))).toEqual([['confirmed', 4]])
    expect(party('in', action('undo', 'ada', { was: 3 }))).toEqual([['confirmed', 3]])
    const walkIn = (party?: number) =>
      overlay([], [action('walk_in', '', { id: 'w', ...(party ? { party } : {}) })])[0]?.party
    expect([walkIn(), walkIn(3)]).toEqual([1, 3])
  })

  it('ignores steps of people who are no longer on the list', () => {
    expect(overlay([], [action('in', 'ada')])).toEqual([])
  })

  it('sorts people into tabs; who no longer comes is found only by name', () => {
    const lines = overlay(
      [
        person('Zoe', 'confirmed'),
        person('Wanda Waiting', 'waiting'),
        person('Ada', 'offered'),
        person('Ian', 'in'),
        person('Don', 'done'),
        person('Nora', 'no_show'),
        person('Carl', 'cancelled'),
      ],
      [],
    )
    const all = find(lines, '', '')
    expect(all.tabs.expected.map((l) => l.name)).toEqual(['Ada', 'Zoe', 'Wanda Waiting'])
    expect(all.tabs.in.map((l) => l.name)).toEqual(['Ian'])
    expect(all.tabs.done.map((l) => l.name)).toEqual(['Don', 'Nora'])
    expect(all.gone).toEqual([])
    expect(find(lines, 'car', '').gone.map((l) => l.name)).toEqual(['Carl'])
    expect(find(lines, 'wan', '').tabs.expected).toHaveLength(1)
    expect(find(lines, '', 's2').tabs.expected).toEqual([])
    expect(tabOf({ status: 'lapsed' })).toBeUndefined()
  })

  it('finds names by the beginnings of their words, accents aside', () => {
    expect(matches('José Núñez-Prada', 'jose nun')).toBe(true)
    expect(matches('José Núñez-Prada', 'prada')).toBe(true)
    expect(matches("Siobhán O'Brien", 'brien')).toBe(true)
    expect(matches('José Núñez', 'uñez')).toBe(false)
    expect(matches('José Núñez', '')).toBe(true)
    expect(matches('<b>Eve</b>', 'eve')).toBe(false)
    expect(matches('<b>Eve</b>', '<b')).toBe(true)
  })

  it('marks who is late, whether they came or not', () => {
    const now = Date.parse('2026-11-22T09:20:00Z')
    const [expected, soon, came, waits] = overlay(
      [
        person('a', 'confirmed'),
        person('b', 'confirmed'),
        person('c', 'in', { checked_in_at: '2026-11-22T09:06:00Z' }),
        person('d', 'waiting'),
      ],
      [],
    )
    expect(expected && lateOf(expected, shift(), now)).toBe(20)
    expect(soon && lateOf(soon, shift(), Date.parse('2026-11-22T09:04:59Z'))).toBe(0)
    expect(came && lateOf(came, shift(), now)).toBe(6)
    expect(waits && lateOf(waits, shift(), now)).toBe(0)
  })

  it('counts whole minutes between in and out, at least one', () => {
    const between = (a: string, b: string) => workedOf({ checked_in_at: a, checked_out_at: b })
    expect(between('2026-11-22T09:00:00Z', '2026-11-22T12:15:29Z')).toBe(195)
    expect(between('2026-11-22T09:00:00Z', '2026-11-22T09:00:01Z')).toBe(1)
    expect(workedOf({ checked_in_at: '2026-11-22T09:00:00Z' })).toBe(0)
  })

  it('guesses the shift of a walk-in', () => {
    const early = shift()
    const late = shift({ id: 's2', starts_at: '2026-11-22T14:00:00Z', ends_at: '2026-11-22T17:00:00Z' })
    const at = (time: string) => nearestShift([early, late], Date.parse(`2026-11-22T${time}:00Z`))?.id
    expect(at('08:00')).toBe('s1')
    expect(at('10:00')).toBe('s1')
    expect(at('13:00')).toBe('s2')
    expect(at('13:45')).toBe('s2')
    expect(at('20:00')).toBe('s2')
    expect(nearestShift([shift({ status: 'cancelled' })], 0)).toBeUndefined()
  })
})

describe('times at the door', () => {
  it('reckons from the server, however wrong the clock of the device is', () => {
    const device = Date.parse('2001-01-01T00:00:00Z')
    const drift = driftOf('2026-11-22T09:00:00Z', device)
    expect(new Date(device + 60_000 + drift).toISOString()).toBe('2026-11-22T09:01:00.000Z')
  })

  it('takes a time of day as the last one', () => {
    const now = Date.parse('2026-11-22T05:30:00Z') // 00:30 in New York
    const at = (clock: string) => {
      const found = lastTime(clock, 'America/New_York', now)
      return found === undefined ? undefined : new Date(found).toISOString()
    }
    expect(at('00:10')).toBe('2026-11-22T05:10:00.000Z')
    expect(at('00:30')).toBe('2026-11-22T05:30:00.000Z')
    expect(at('23:50')).toBe('2026-11-22T04:50:00.000Z')
    expect(at('00:31')).toBe('2026-11-21T05:31:00.000Z')
    expect(clockIn('2026-11-22T05:10:00Z', 'America/New_York')).toBe('00:10')
  })

  it('knows the night in which the clock is moved', () => {
    // At 02:00 the clocks in New York went to 03:00.
    const spring = Date.parse('2026-03-08T08:00:00Z') // 04:00
    expect(lastTime('02:30', 'America/New_York', spring)).toBeUndefined()
    expect(lastTime('01:30', 'America/New_York', spring)).toBe(Date.parse('2026-03-08T06:30:00Z'))
    // At 02:00 they went back to 01:00.
    const autumn = Date.parse('2026-11-01T09:00:00Z') // 04:00
    expect(lastTime('00:30', 'America/New_York', autumn)).toBe(Date.parse('2026-11-01T04:30:00Z'))
    expect(lastTime('03:30', 'America/New_York', autumn)).toBe(Date.parse('2026-11-01T08:30:00Z'))
  })
})
