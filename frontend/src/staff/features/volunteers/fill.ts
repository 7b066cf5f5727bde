// How full a shift is: always a word and an icon, the colour only repeats them.

import Ban from '@lucide/svelte/icons/ban'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleDashed from '@lucide/svelte/icons/circle-dashed'
import TriangleAlert from '@lucide/svelte/icons/triangle-alert'
import UserPlus from '@lucide/svelte/icons/user-plus'
import { t } from '@lib/t'
import type { Tone } from '@ui/Badge.svelte'
import type { Fill, Shift } from './shapes'

export const FILLS: readonly Fill[] = ['empty', 'short', 'filling', 'full', 'cancelled']

export const fillTones: Record<Fill, Tone> = {
  empty: 'danger',
  short: 'warning',
  filling: 'info',
  full: 'success',
  cancelled: 'neutral',
}

export const fillIcons = {
  empty: CircleDashed,
  short: TriangleAlert,
  filling: UserPlus,
  full: CircleCheck,
  cancelled: Ban,
} as const

type Counts = Pick<Shift, 'fill' | 'places' | 'free' | 'taken' | 'waiting' | 'over'>

/** fillWords says the state with its numbers: "2 of 8 places taken", "Full, 3 waiting". */
export function fillWords(shift: Counts): string {
  if (shift.fill === 'cancelled') return t('volunteers.fill.cancelled')
  const taken =
    shift.fill === 'full'
      ? t('volunteers.fill.full_of', { Taken: shift.taken, Places: shift.places })
      : t('volunteers.fill.taken_of', { Taken: shift.taken, Places: shift.places })
  const more = [
    shift.waiting > 0 ? t('volunteers.fill.waiting', { Count: shift.waiting }) : '',
    shift.over > 0 ? t('volunteers.fill.over', { Count: shift.over }) : '',
  ].filter(Boolean)
  return [taken, ...more].join(', ')
}
