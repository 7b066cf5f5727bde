// The main navigation: what stands in the sidebar, for whom, and under which keys.

import BookOpen from '@lucide/svelte/icons/book-open'
import CalendarDays from '@lucide/svelte/icons/calendar-days'
import CalendarSync from '@lucide/svelte/icons/calendar-sync'
import Gift from '@lucide/svelte/icons/gift'
import HeartHandshake from '@lucide/svelte/icons/heart-handshake'
import House from '@lucide/svelte/icons/house'
import Megaphone from '@lucide/svelte/icons/megaphone'
import Settings from '@lucide/svelte/icons/settings'
import Users from '@lucide/svelte/icons/users'
import type { Component } from 'svelte'

export interface NavItem {
  path: string
  /** label is the message key of its name */
  label: string
  icon: Component
  /** permission hides the item from those the server would refuse */
  permission: string
  keys: string
}

export const navigation: readonly NavItem[] = [
  { path: '/', label: 'staff.nav.today', icon: House, permission: 'organization:read', keys: 'g h' },
  { path: '/gifts', label: 'staff.nav.gifts', icon: Gift, permission: 'donations:read', keys: 'g g' },
  {
    path: '/promises',
    label: 'promises.nav',
    icon: CalendarSync,
    permission: 'donations:read',
    keys: 'g r',
  },
  { path: '/people', label: 'staff.nav.people', icon: Users, permission: 'people:read', keys: 'g p' },
  {
    path: '/volunteers',
    label: 'volunteers.nav',
    icon: CalendarDays,
    permission: 'volunteers:read',
    keys: 'g v',
  },
  {
    path: '/campaigns',
    label: 'staff.nav.campaigns',
    icon: Megaphone,
    permission: 'campaigns:read',
    keys: 'g c',
  },
  {
    path: '/causes',
    label: 'staff.nav.causes',
    icon: HeartHandshake,
    permission: 'causes:read',
    keys: 'g f',
  },
  { path: '/ledger', label: 'staff.nav.ledger', icon: BookOpen, permission: 'ledger:read', keys: 'g l' },
  {
    path: '/settings',
    label: 'staff.nav.settings',
    icon: Settings,
    permission: 'organization:read',
    keys: 'g s',
  },
]

/** isCurrent tells whether the item leads to what is shown, or to the section it belongs to. */
export function isCurrent(item: NavItem, path: string): boolean {
  return item.path === '/' ? path === '/' : path === item.path || path.startsWith(`${item.path}/`)
}
