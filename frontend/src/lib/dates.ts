// Dates for people: in the viewer's zone, relative only while they are near.

const DAY = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

function locale(): string {
  return (typeof document !== 'undefined' && document.documentElement.lang) || 'en-US'
}

function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${kind}`
  let f = formats.get(key)
  if (!f) {
    f = new Intl.DateTimeFormat(locale(), options)
    formats.set(key, f)
  }
  return f
}

/** isDay tells a calendar day, "2026-11-22", from an instant. A day has no zone and must not get one. */
export function isDay(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value)
}

/** formatDate writes the day: "Nov 22, 2026". A calendar day is never shifted by the viewer's zone. */
export function formatDate(value: string): string {
  if (isDay(value))
    return format('day', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${value}T00:00:00Z`))
  return format('date', { dateStyle: 'medium' }).format(new Date(value))
}

/** formatDateTime writes day and time with the zone, for titles and histories. */
export function formatDateTime(value: string): string {
  if (isDay(value)) return formatDate(value)
  return format('datetime', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(value))
}

/** formatMonth writes a month, "2027-01", as "Jan 2027" or short as "Jan". */
export function formatMonth(month: string, short = false): string {
  const options: Intl.DateTimeFormatOptions = short
    ? { month: 'short', timeZone: 'UTC' }
    : { month: 'short', year: 'numeric', timeZone: 'UTC' }
  return format(short ? 'month short' : 'month', options).format(new Date(`${month}-01T00:00:00Z`))
}

/** formatRelative says "3 hours ago" for less than 30 days, and the date beyond. */
export function formatRelative(value: string, now: Date = new Date()): string {
  const ms = new Date(value).getTime() - now.getTime()
  const size = Math.abs(ms)
  if (size >= 30 * DAY) return formatDate(value)
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' })
  if (isDay(value) || size >= DAY) {
    const days = isDay(value) ? daysBetween(today(now), value) : Math.round(ms / DAY)
    return relative.format(days, 'day')
  }
  if (size >= 3_600_000) return relative.format(Math.round(ms / 3_600_000), 'hour')
  return relative.format(Math.round(ms / 60_000), 'minute')
}

/**
 * today is the calendar day as "2026-11-22": the viewer's, or with a zone that place's. What an organization
 * received is dated in its own zone.
 */
export function today(now: Date = new Date(), zone?: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(zone ? { timeZone: zone } : {}),
  }).formatToParts(now)
  const of = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')}`
}

/** addDays moves a calendar day. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY)
}
