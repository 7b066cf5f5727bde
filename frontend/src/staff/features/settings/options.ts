// Choices that several settings offer.

import type { Option } from '@ui/Select.svelte'
import { t } from '@lib/t'

const CODES = ['USD', 'EUR', 'GBP', 'CAD', 'AUD', 'NZD', 'CHF', 'JPY', 'KWD'] as const

/** currencies an organization can keep its books in, named in the viewer's language. */
export const currencies: readonly Option[] = CODES.map((code) => ({ value: code, label: nameOf(code) }))

/** roles in the order of what they may do. */
export const ROLES = ['owner', 'admin', 'fundraiser', 'finance', 'volunteer_coordinator', 'viewer'] as const

/** roleOptions lists the roles that someone of the given role may grant: admins all but owner. */
export function roleOptions(mine: string): Option[] {
  return ROLES.filter((role) => mine === 'owner' || role !== 'owner').map((role) => ({
    value: role,
    label: t(`role.${role}`),
  }))
}

/** slugOf turns a name into its part of an address: "Riverbend Trust" becomes "riverbend-trust". */
export function slugOf(name: string, longest = 40): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longest)
    .replace(/^-+|-+$/g, '')
}

/** zones the browser knows, for the organization's calendar. */
export function zones(): Option[] {
  return Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))
}

function nameOf(code: string): string {
  const names = new Intl.DisplayNames(undefined, { type: 'currency' })
  return `${code} · ${names.of(code) ?? code}`
}
