// Contact details as the forms hold them.

import type { PersonDetail } from '@api/types'
import { t } from '@lib/t'
import type { ContactFields } from './queries'

/** FIELDS are the names the server uses in its problems. */
export const FIELDS = [
  'first_name',
  'last_name',
  'email',
  'phone',
  'address_line1',
  'address_line2',
  'city',
  'region',
  'postal_code',
  'country',
  'employer',
  'do_not_contact',
] as const

/** fieldsOf copies what can be edited; without a person everything is empty. */
export function fieldsOf(person?: PersonDetail): ContactFields {
  return {
    first_name: person?.first_name ?? '',
    last_name: person?.last_name ?? '',
    email: person?.email ?? '',
    phone: person?.phone ?? '',
    address_line1: person?.address_line1 ?? '',
    address_line2: person?.address_line2 ?? '',
    city: person?.city ?? '',
    region: person?.region ?? '',
    postal_code: person?.postal_code ?? '',
    country: person?.country ?? '',
    employer: person?.employer ?? '',
    do_not_contact: person?.do_not_contact ?? false,
  }
}

/** trimmed is what is sent: no blanks around, the country in capitals. */
export function trimmed(fields: ContactFields): ContactFields {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.trim() : value,
  ])
  const clean = Object.fromEntries(entries) as ContactFields
  return { ...clean, country: clean.country.toUpperCase() }
}

/** contactProblems finds what the server would refuse at once: a record that names nobody. */
export function contactProblems(fields: ContactFields): Record<string, string | undefined> {
  const named = fields.first_name.trim() || fields.last_name.trim() || fields.email.trim()
  return { first_name: named ? undefined : t('person.name_missing') }
}
