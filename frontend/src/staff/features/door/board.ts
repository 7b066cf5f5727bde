// What the door shows: the server's list with everything that still waits to be sent laid over it.

import type { DoorPerson, DoorShift } from '@api/types'
import type { Seen } from './api'
import { driftOf, stamp } from './moment'
import { localId, type Action } from './queue'

export type Tab = 'expected' | 'in' | 'done'
export const TABS: readonly Tab[] = ['expected', 'in', 'done']

/** Line is a person as they stand now; pending while the server has not heard of it. */
export interface Line extends DoorPerson {
  pending: boolean
  /** before is how many were expected before a check-in that waits to be sent */
  before?: number
}

/** overlay applies what waits to be sent to what the server said, so that the list is right without a network. */
export function overlay(people: readonly DoorPerson[], waiting: readonly Action[]): Line[] {
  const lines = new Map<string, Line>(people.map((p) => [p.sign_up_id, { ...p, pending: false }]))
  for (const action of waiting) {
    if (action.step === 'walk_in') {
      const line = newLine(action)
      lines.set(line.sign_up_id, line)
      continue
    }
    const line = lines.get(action.signUp)
    if (!line) continue
    const after = apply(line, action)
    if (after) lines.set(line.sign_up_id, { ...after, pending: true })
    else lines.delete(line.sign_up_id)
  }
  return [...lines.values()]
}

/** Answer is what the server said of somebody after a step, and when it said so. */
export interface Answer {
  view: DoorPerson
  at: number
}

/**
 * linesOf is everybody as they stand now: the list, what the server answered after it was asked for, and what it has not heard of, with
 * the times of this device in those of the server.
 */
export function linesOf(
  { board, asked, at }: Seen,
  answers: readonly Answer[],
  waiting: readonly Action[],
): Line[] {
  const people = new Map(board.people.map((p) => [p.sign_up_id, counted(p)]))
  for (const { view, at: answered } of answers) {
    const added = view.status === 'in' && board.shifts.some((s) => s.id === view.shift_id)
    if (answered > asked && (people.has(view.sign_up_id) || added)) people.set(view.sign_up_id, view)
  }
  const drift = driftOf(board.server_now, at)
  const shifted = waiting.map((a) => ({ ...a, happenedAt: stamp(Date.parse(a.happenedAt) + drift) }))
  return overlay([...people.values()], shifted)
}

// A list kept by an earlier version of this program counted nobody who came along.
const counted = (p: DoorPerson): DoorPerson => ({ ...p, party: (p.party as number | undefined) ?? 1 })

function newLine(action: Action): Line {
  return {
    sign_up_id: localId(action.id),
    shift_id: action.shift,
    person_id: '',
    name: action.name,
    email_hint: '',
    phone_hint: '',
    party: action.party ?? 1,
    over: false,
    overrides: [],
    version: 0,
    status: 'in',
    source: 'walk_in',
    starts_local: '',
    checked_in_at: action.happenedAt,
    no_show_note: '',
    missing: [],
    pending: true,
  }
}

// apply does to a line what the server will do; undefined when the line goes.
function apply(line: Line, action: Action): Line | undefined {
  const party = action.party ?? line.party
  switch (action.step) {
    case 'in':
      return line.status === 'in'
        ? { ...line, party }
        : { ...line, party, before: line.party, status: 'in', checked_in_at: action.happenedAt }
    case 'count':
      return line.status === 'in' || line.status === 'done' ? { ...line, party } : line
    case 'out':
      return line.status === 'in' ? { ...line, status: 'done', checked_out_at: action.happenedAt } : line
    case 'no_show':
      return { ...line, status: 'no_show', no_show_note: action.note ?? '' }
    case 'undo':
      return undone(line, action.was)
    case 'walk_in':
      return line
  }
}

function undone(line: Line, was = line.before ?? line.party): Line | undefined {
  const { checked_in_at: _came, late_minutes: _late, checked_out_at: _left, before: _before, ...rest } = line
  if (line.status === 'done') {
    const { checked_out_at: _left, ...there } = line
    return { ...there, status: 'in' }
  }
  if (line.status === 'in')
    return line.source === 'walk_in' ? undefined : { ...rest, party: was, status: 'confirmed' }
  if (line.status === 'no_show') return { ...line, status: 'confirmed', no_show_note: '' }
  return line
}

/** tabOf says in which list somebody stands. Who no longer comes is found by searching only. */
export function tabOf(line: Pick<Line, 'status'>): Tab | undefined {
  switch (line.status) {
    case 'in':
      return 'in'
    case 'done':
    case 'no_show':
      return 'done'
    case 'cancelled':
    case 'lapsed':
      return undefined
    default:
      return 'expected'
  }
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** matches tells whether each word that was typed begins a word of the name, accents aside. */
export function matches(name: string, typed: string): boolean {
  const words = fold(name).split(/[\s\-'’.]+/)
  return fold(typed)
    .split(/\s+/)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)) || fold(name).includes(` ${part}`))
}

export interface Found {
  tabs: Record<Tab, Line[]>
  /** gone are those who no longer come but whose name was typed: they may stand there all the same */
  gone: Line[]
}

/** find sorts the lines into the tabs, those that match what was typed. Within a tab: by shift, then by name; who waits comes last. */
export function find(lines: readonly Line[], typed: string, shift: string): Found {
  const tabs: Record<Tab, Line[]> = { expected: [], in: [], done: [] }
  const gone: Line[] = []
  const search = typed.trim()
  for (const line of lines) {
    if (shift && line.shift_id !== shift) continue
    if (search && !matches(line.name, search)) continue
    const tab = tabOf(line)
    if (tab) tabs[tab].push(line)
    else if (search) gone.push(line)
  }
  const rank = (l: Line) => (l.status === 'waiting' ? 1 : 0)
  const order = (a: Line, b: Line) =>
    rank(a) - rank(b) || a.starts_local.localeCompare(b.starts_local) || a.name.localeCompare(b.name)
  for (const tab of TABS) tabs[tab].sort(order)
  return { tabs, gone: gone.sort(order) }
}

const LATE_FROM = 5

/** lateOf is how many minutes after the start somebody came, or has not come yet; 0 within the first five. */
export function lateOf(line: Line, shift: DoorShift | undefined, now: number): number {
  if (!shift) return 0
  const until =
    line.status === 'confirmed' || line.status === 'offered'
      ? now
      : line.checked_in_at
        ? Date.parse(line.checked_in_at)
        : 0
  const minutes = Math.floor((until - Date.parse(shift.starts_at)) / 60_000)
  return minutes >= LATE_FROM ? minutes : 0
}

/** workedOf is how many minutes lie between check-in and check-out, as the server counts them. */
export function workedOf(line: Pick<Line, 'checked_in_at' | 'checked_out_at'>): number {
  if (!line.checked_in_at || !line.checked_out_at) return 0
  const minutes = Math.round((Date.parse(line.checked_out_at) - Date.parse(line.checked_in_at)) / 60_000)
  return Math.min(24 * 60, Math.max(1, minutes))
}

/** nearestShift is the one to which somebody who comes now most likely comes: running, else the next, else the last. */
export function nearestShift(shifts: readonly DoorShift[], now: number): DoorShift | undefined {
  const open = shifts.filter((s) => s.status === 'open')
  const running = open.filter(
    (s) => Date.parse(s.starts_at) - 30 * 60_000 <= now && now < Date.parse(s.ends_at),
  )
  return running.at(-1) ?? open.find((s) => Date.parse(s.starts_at) > now) ?? open.at(-1)
}
