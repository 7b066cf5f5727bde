// A campaign as its form holds it: amounts as typed text, empty dates as ''.

import type { Campaign, CampaignFields } from '@api/types'
import { decimalText, parseMinor } from '@lib/money'
import { t } from '@lib/t'
import { amountProblem } from '../gifts/amount'

export interface Tile {
  amount: string
  impact: string
}

export interface Draft {
  title: string
  slug: string
  summary: string
  story: string
  cause_id: string
  fund_id: string
  goal: string
  tiles: Tile[]
  /** preset is the index of the tile that is chosen at first */
  preset: string
  offer_fee_cover: boolean
  show_donors: boolean
  starts_on: string
  ends_on: string
  picture_alt: string
}

/** FIELDS are the names the server uses in its problems. */
export const FIELDS = [
  'title',
  'slug',
  'summary',
  'story',
  'cause_id',
  'fund_id',
  'goal',
  'suggested',
  'default_minor',
  'impact_lines',
  'starts_on',
  'ends_on',
  'picture_alt',
  'picture',
] as const

/** MOST_TILES is how many amounts a giving page offers besides "Other". */
export const MOST_TILES = 6

/** emptyDraft starts with amounts that most people give. */
export function emptyDraft(): Draft {
  return {
    title: '',
    slug: '',
    summary: '',
    story: '',
    cause_id: '',
    fund_id: '',
    goal: '',
    tiles: ['25', '50', '100', '250'].map((amount) => ({ amount, impact: '' })),
    preset: '1',
    offer_fee_cover: true,
    show_donors: true,
    starts_on: '',
    ends_on: '',
    picture_alt: '',
  }
}

/** draftOf fills the form from a saved campaign. */
export function draftOf(campaign: Campaign): Draft {
  const { currency } = campaign.goal
  const preset = campaign.suggested.indexOf(campaign.default_minor)
  return {
    title: campaign.title,
    slug: campaign.slug,
    summary: campaign.summary,
    story: campaign.story,
    cause_id: campaign.cause_id,
    fund_id: campaign.fund_id,
    goal: campaign.goal.amount_minor > 0 ? decimalText(campaign.goal.amount_minor, currency) : '',
    tiles: campaign.suggested.map((minor) => ({
      amount: decimalText(minor, currency),
      impact: campaign.impact_lines[String(minor)] ?? '',
    })),
    preset: String(Math.max(0, preset)),
    offer_fee_cover: campaign.offer_fee_cover,
    show_donors: campaign.show_donors,
    starts_on: campaign.starts_on ?? '',
    ends_on: campaign.ends_on ?? '',
    picture_alt: campaign.picture_alt,
  }
}

/** fieldsOf is what is sent. Tiles that cannot be read are left out, so that a preview is always possible. */
export function fieldsOf(draft: Draft, currency: string): CampaignFields & { suggested: number[] } {
  const minor = (text: string) => {
    const parsed = parseMinor(text, currency)
    return parsed.ok ? parsed.minor : 0
  }
  const tiles = draft.tiles.map((tile) => ({ minor: minor(tile.amount), impact: tile.impact.trim() }))
  const suggested = tiles.map((tile) => tile.minor).filter((m) => m > 0)
  const lines = tiles
    .filter((tile) => tile.minor > 0 && tile.impact !== '')
    .map((tile) => [String(tile.minor), tile.impact])
  return {
    title: draft.title.trim(),
    slug: draft.slug.trim(),
    summary: draft.summary.trim(),
    story: draft.story,
    cause_id: draft.cause_id,
    fund_id: draft.fund_id,
    goal: { amount_minor: minor(draft.goal), currency },
    suggested,
    default_minor: tiles[Number(draft.preset)]?.minor || (suggested[0] ?? 0),
    impact_lines: Object.fromEntries(lines),
    offer_fee_cover: draft.offer_fee_cover,
    show_donors: draft.show_donors,
    starts_on: draft.starts_on,
    ends_on: draft.ends_on,
    picture_alt: draft.picture_alt.trim(),
  }
}

/** draftProblems finds what the server would refuse, before it is sent. */
export function draftProblems(draft: Draft, currency: string): Record<string, string | undefined> {
  const tiles = draft.tiles.map((tile) => amountProblem(tile.amount, currency)).find(Boolean)
  const amounts = fieldsOf(draft, currency).suggested
  const twice = new Set(amounts).size < amounts.length
  return {
    title: draft.title.trim() ? undefined : t('campaign.title_missing'),
    slug: draft.slug.trim() ? undefined : t('campaign.slug_missing'),
    cause_id: draft.cause_id ? undefined : t('campaign.cause_missing'),
    fund_id: draft.fund_id ? undefined : t('record.fund_missing'),
    goal: draft.goal.trim() ? amountProblem(draft.goal, currency) : undefined,
    suggested: tiles ?? (twice ? t('campaign.tiles_twice') : undefined),
    ends_on:
      draft.starts_on && draft.ends_on && draft.ends_on < draft.starts_on
        ? t('campaign.dates_wrong')
        : undefined,
  }
}
