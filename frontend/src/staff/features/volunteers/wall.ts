// Wall times: what a clock shows where the shift is, "2026-11-22T09:00". They have no zone, so they are calculated and written as if in UTC.

const MINUTE = 60_000
const formats = new Map<string, Intl.DateTimeFormat>()

const locale = () => document.documentElement.lang || 'en-US'
const instant = (wall: string) => new Date(`${wall.slice(0, 16)}:00Z`)

function write(kind: string, options: Intl.DateTimeFormatOptions, wall: string): string {
  const name = `${locale()} ${kind}`
  let format = formats.get(name)
  if (!format) {
    format = new Intl.DateTimeFormat(locale(), { ...options, timeZone: 'UTC' })
    formats.set(name, format)
  }
  return format.format(instant(wall))
}

/** dayOf is the calendar day of a wall time. */
export const dayOf = (wall: string): string => wall.slice(0, 10)

/** clockOf is its time of day: "09:00". */
export const clockOf = (wall: string): string => wall.slice(11, 16)

/** wallAt joins a day and a time of day; '' while either is missing. */
export const wallAt = (day: string, clock: string): string =>
  day && clock ? `${day}T${clock.slice(0, 5)}` : ''

/** moveWall moves the hand of the clock. */
export const moveWall = (wall: string, minutes: number): string =>
  new Date(instant(wall).getTime() + minutes * MINUTE).toISOString().slice(0, 16)

/** minutesBetween is how far the hand moves from one wall time to another. */
export const minutesBetween = (from: string, to: string): number =>
  Math.round((instant(to).getTime() - instant(from).getTime()) / MINUTE)

/** wallNow is what a clock in the zone shows now. */
export function wallNow(zone: string, now: Date = new Date()): string {
  const parts = new Intl.DateTimeFormat('en', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).formatToParts(now)
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`
}

/** mondayOf is the first day of the week that a day is in. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
  return dayOf(moveWall(`${day}T00:00`, -weekday * 24 * 60))
}

/** formatDay writes "Sun, Nov 22"; with the year where it is another one than now. */
export function formatDay(wall: string, now: Date = new Date()): string {
  const year = wall.slice(0, 4) !== String(now.getFullYear())
  return write(
    year ? 'day year' : 'day',
    { weekday: 'short', month: 'short', day: 'numeric', ...(year ? { year: 'numeric' } : {}) },
    wall.length === 10 ? `${wall}T00:00` : wall,
  )
}

/** formatLongDay writes "Sunday, November 22, 2026". */
export const formatLongDay = (wall: string): string =>
  write('long', { dateStyle: 'full' }, wall.length === 10 ? `${wall}T00:00` : wall)

/** formatClock writes "9:00 AM". */
export const formatClock = (wall: string): string => write('clock', { timeStyle: 'short' }, wall)

/** formatSpan writes "9:00 AM – 12:00 PM", and names the day of the end where it is another one. */
export function formatSpan(starts: string, ends: string): string {
  const end = dayOf(starts) === dayOf(ends) ? formatClock(ends) : `${formatDay(ends)}, ${formatClock(ends)}`
  return `${formatClock(starts)} – ${end}`
}

/** formatWhen writes day and times: "Sun, Nov 22, 9:00 AM – 12:00 PM". */
export const formatWhen = (starts: string, ends: string): string =>
  `${formatDay(starts)}, ${formatSpan(starts, ends)}`

/** zoneName is the zone as people say it at that instant: "EST", or its place where there is no short name. */
export function zoneName(zone: string, at: string): string {
  const parts = new Intl.DateTimeFormat(locale(), { timeZone: zone, timeZoneName: 'short' }).formatToParts(
    new Date(at),
  )
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? zone
}

/** inZone writes an instant with date and time as a clock in the zone shows it, and names the zone. */
export const inZone = (at: string, zone: string): string =>
  new Intl.DateTimeFormat(locale(), {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: zone,
    timeZoneName: 'short',
  }).format(new Date(at))

/** lengthWords says how long: "3 h", "2 h 30 min". */
export function lengthWords(minutes: number): string {
  const [h, min] = [Math.floor(minutes / 60), minutes % 60]
  return [h > 0 ? `${h} h` : '', min > 0 || h === 0 ? `${min} min` : ''].filter(Boolean).join(' ')
}
