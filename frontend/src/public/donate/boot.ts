// What Go writes into the page for the island.

import type { Catalogue } from '../../lib/t'
import type { Currency, Tariff } from './amount'

export interface Boot {
  organization: string
  campaign: string
  org_name: string
  currency: Currency
  tariff: (Tariff & { rate: string }) | null
  tiles: { minor: number; line: string }[]
  monthly: { minor: number; line: string }[] | null
  pledge: boolean
  donors: boolean
  embedded: boolean
  form: { token: string; errors: Record<string, string> | null; problem: string }
  messages: Catalogue
}

export function readBoot(): Boot {
  return JSON.parse(document.getElementById('boot')?.textContent ?? '{}') as Boot
}
