// What is asked of somebody who comes without having signed up.

import { t } from '@lib/t'
import { peopleOf } from '../volunteers/party'
import type { Newcomer } from './queue'

export interface Fields {
  first: string
  last: string
  /** contact is an e-mail address or a phone number: one field, for there is a line behind them */
  contact: string
  /** people is how many come, as typed */
  people: string
}

/** problemsOf says what is wrong with which field, by the server's rules: it cannot be asked in a dead network. */
export function problemsOf({ first, last, contact, people }: Fields): Record<string, string | undefined> {
  const said = contact.trim()
  const mail = said.includes('@')
  return {
    first_name: first.trim() || last.trim() ? undefined : t('door.walk_in.name_missing'),
    contact:
      said === '' || (mail ? /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(said) : said.replace(/\D/g, '').length >= 5)
        ? undefined
        : t('door.walk_in.contact_wrong'),
    party: peopleOf(people) === undefined ? t('volunteers.party.wrong') : undefined,
  }
}

/** newcomerOf tells an address from a number. */
export function newcomerOf({ first, last, contact }: Omit<Fields, 'people'>): Newcomer {
  const said = contact.trim()
  return {
    first_name: first.trim(),
    last_name: last.trim(),
    ...(said.includes('@') ? { email: said } : said ? { phone: said } : {}),
  }
}
