// When somebody usually has time: a bit per weekday, Monday first, and part of the day.

export const DAYS = [0, 1, 2, 3, 4, 5, 6] as const
export const PARTS = ['morning', 'afternoon', 'evening', 'night'] as const

const bit = (day: number, part: number) => 1 << (day * PARTS.length + part)

/** has tells whether somebody has time on a weekday, 0 for Monday, in a part of the day. */
export const has = (bits: number, day: number, part: number): boolean => (bits & bit(day, part)) !== 0

/** set changes one of them. */
export const set = (bits: number, day: number, part: number, on: boolean): number =>
  on ? bits | bit(day, part) : bits & ~bit(day, part)

/** dayName writes a weekday; 2024 began with a Monday. */
export function dayName(day: number, length: 'short' | 'long', locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: length, timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, 0, 1 + day)),
  )
}

/** timesOf lists the days on which somebody has time, each with its parts. */
export function timesOf(
  bits: number,
  locale: string,
): { day: string; parts: readonly (typeof PARTS)[number][] }[] {
  return DAYS.map((day) => ({
    day: dayName(day, 'short', locale),
    parts: PARTS.filter((_, part) => has(bits, day, part)),
  })).filter(({ parts }) => parts.length > 0)
}
