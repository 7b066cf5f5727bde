// Lengths of time as people say and type them.

import { t } from '@lib/t'

/** inHours writes minutes: "3 h", "2 h 30 min", "45 min". */
export function inHours(minutes: number): string {
  const [h, m] = [Math.floor(minutes / 60), minutes % 60]
  if (h === 0) return t('hours.min', { Count: m })
  return m === 0 ? t('hours.h', { Count: h }) : t('hours.h_min', { Hours: h, Minutes: m })
}

/** timeOf writes the minutes that each of so many people gave: "2 h × 4 people". */
export const timeOf = (minutes: number, people: number): string =>
  people > 1 ? t('hours.times_people', { Hours: inHours(minutes), Count: people }) : inHours(minutes)

/** typed writes minutes as they are typed: "2:30". */
export const typed = (minutes: number): string =>
  `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`

/** parseLength reads "2:30", "2.5", "2,5", "2h 30", "2 h 30 min" and "90 min" as minutes; undefined when it is none of them. */
export function parseLength(text: string): number | undefined {
  const clean = text.trim().toLowerCase()
  const clock = /^(\d{1,2}):([0-5]\d)$/.exec(clean)
  if (clock) return Number(clock[1]) * 60 + Number(clock[2])
  const words = /^(?:(\d{1,2})\s*h(?:ours?|rs?)?)?\s*(?:(\d{1,4})\s*(?:m(?:in(?:utes?)?)?)?)?$/.exec(clean)
  if (words && clean !== '' && (words[1] !== undefined || /m/.test(clean)))
    return Number(words[1] ?? 0) * 60 + Number(words[2] ?? 0)
  if (!/^\d{1,2}([.,]\d{1,2})?$/.test(clean)) return undefined
  return Math.round(Number(clean.replace(',', '.')) * 60)
}
