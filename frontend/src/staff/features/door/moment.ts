// Times at the door. The clock of the device may be wrong by years: what counts is how long ago something was, and what the clock at the
// place shows is reckoned from the server's time.

import { clockOf, moveWall, wallNow } from '../volunteers/wall'

/** drift is by how much the server's clock is ahead of this device's, in milliseconds. */
export const driftOf = (serverNow: string, at: number): number => Date.parse(serverNow) - at

/** stamp writes an instant as the server reads it. */
export const stamp = (ms: number): string => new Date(ms).toISOString()

/** clockIn writes the time of day of an instant where the shift is: "09:05". */
export const clockIn = (instant: number | string, zone: string): string =>
  clockOf(wallNow(zone, new Date(instant)))

/**
 * lastTime is the last instant, at now or before, at which the clock in the zone showed this time of day: "23:50" after midnight is that of
 * yesterday. It returns undefined when the clock did not show it within a day, as in the hour that is left out in spring.
 */
export function lastTime(clock: string, zone: string, now: number): number | undefined {
  const minute = Math.floor(now / 60_000)
  const today = wallNow(zone, new Date(now)).slice(0, 10)
  for (const day of [today, moveWall(`${today}T00:00`, -24 * 60).slice(0, 10)]) {
    const guess = Date.parse(`${day}T${clock}:00Z`) / 60_000
    // The place is at most 14 hours from UTC; within a day its offset takes at most two values.
    for (const at of [now, now - 24 * 3_600_000]) {
      const shown = Date.parse(`${wallNow(zone, new Date(at))}:00Z`) / 60_000
      const found = guess - (shown - Math.floor(at / 60_000))
      if (found <= minute && minute - found < 24 * 60 && clockIn(found * 60_000, zone) === clock)
        return found * 60_000
    }
  }
  return undefined
}
