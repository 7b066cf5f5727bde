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
  offer_monthly: boolean
  monthly_tiles: Tile[]
  monthly_preset: string
  offer_pledge: boolean
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
  'monthly_suggested',
  'monthly_default_minor',
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
    offer_monthly: true,
    monthly_tiles: ['10', '25', '50', '100'].map((amount) => ({ amount, impact: '' })),
    monthly_preset: '1',
    offer_pledge: false,
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
  const tilesOf = (row: number[]): Tile[] =>
    row.map((minor) => ({
      amount: decimalText(minor, currency),
      impact: campaign.impact_lines[String(minor)] ?? '',
    }))
  const placeOf = (minor: number, row: number[]) => String(Math.max(0, row.indexOf(minor)))
  return {
    title: campaign.title,
    slug: campaign.slug,
    summary: campaign.summary,
    story: campaign.story,
    cause_id: campaign.cause_id,
    fund_id: campaign.fund_id,
    goal: campaign.goal.amount_minor > 0 ? decimalText(campaign.goal.amount_minor, currency) : '',
    tiles: tilesOf(campaign.suggested),
    preset: placeOf(campaign.default_minor, campaign.suggested),
    offer_monthly: campaign.offer_monthly,
    monthly_tiles: tilesOf(campaign.monthly_suggested),
    monthly_preset: placeOf(campaign.monthly_default_minor, campaign.monthly_suggested),
    offer_pledge: campaign.offer_pledge,
    offer_fee_cover: campaign.offer_fee_cover,
    show_donors: campaign.show_donors,
    starts_on: campaign.starts_on ?? '',
    ends_on: campaign.ends_on ?? '',
    picture_alt: campaign.picture_alt,
  }
}

function minorOf(text: string, currency: string): number {
  const parsed = parseMinor(text, currency)
  return parsed.ok ? parsed.minor : 0
}

// A row as it is sent: tiles that cannot be read are left out.
function rowOf(tiles: Tile[], preset: string, currency: string) {
  const read = tiles.map((tile) => ({ minor: minorOf(tile.amount, currency), impact: tile.impact.trim() }))
  const amounts = read.map((tile) => tile.minor).filter((m) => m > 0)
  return {
    amounts,
    chosen: read[Number(preset)]?.minor || (amounts[0] ?? 0),
    lines: read.filter((tile) => tile.minor > 0 && tile.impact !== ''),
  }
}

/** lineOf is the line an amount of a single gift has, which the same monthly amount shares; undefined where no tile offers it. */
export function lineOf(draft: Draft, amount: string, currency: string): string | undefined {
  const minor = minorOf(amount, currency)
  return minor > 0 ? draft.tiles.find((tile) => minorOf(tile.amount, currency) === minor)?.impact : undefined
}

/** fieldsOf is what is sent. Tiles that cannot be read are left out, so that a preview is always possible. */
export function fieldsOf(draft: Draft, currency: string): CampaignFields & { suggested: number[] } {
  const once = rowOf(draft.tiles, draft.preset, currency)
  const monthly = rowOf(draft.monthly_tiles, draft.monthly_preset, currency)
  // A row that is not offered and not finished either stays as it was.
  const keep = !draft.offer_monthly && rowProblem(draft.monthly_tiles, currency) !== undefined
  const lines = [
    ...(keep ? [] : monthly.lines).filter((tile) => !once.amounts.includes(tile.minor)),
    ...once.lines,
  ].map((tile) => [String(tile.minor), tile.impact])
  return {
    title: draft.title.trim(),
    slug: draft.slug.trim(),
    summary: draft.summary.trim(),
    story: draft.story,
    cause_id: draft.cause_id,
    fund_id: draft.fund_id,
    goal: { amount_minor: minorOf(draft.goal, currency), currency },
    suggested: once.amounts,
    default_minor: once.chosen,
    offer_monthly: draft.offer_monthly,
    ...(keep ? {} : { monthly_suggested: monthly.amounts, monthly_default_minor: monthly.chosen }),
    impact_lines: Object.fromEntries(lines),
    offer_pledge: draft.offer_pledge,
    offer_fee_cover: draft.offer_fee_cover,
    show_donors: draft.show_donors,
    starts_on: draft.starts_on,
    ends_on: draft.ends_on,
    picture_alt: draft.picture_alt.trim(),
  }
}

/** draftProblems finds what the server would refuse, before it is sent. */
export function draftProblems(draft: Draft, currency: string): Record<string, string | undefined> {
  return {
    title: draft.title.trim() ? undefined : t('campaign.title_missing'),
    slug: draft.slug.trim() ? undefined : t('campaign.slug_missing'),
    cause_id: draft.cause_id ? undefined : t('campaign.cause_missing'),
    fund_id: draft.fund_id ? undefined : t('record.fund_missing'),
    goal: draft.goal.trim() ? amountProblem(draft.goal, currency) : undefined,
    suggested: rowProblem(draft.tiles, currency),
    monthly_suggested: draft.offer_monthly ? rowProblem(draft.monthly_tiles, currency) : undefined,
    ends_on:
      draft.starts_on && draft.ends_on && draft.ends_on < draft.starts_on
        ? t('campaign.dates_wrong')
        : undefined,
  }
}

function rowProblem(tiles: Tile[], currency: string): string | undefined {
  const { amounts } = rowOf(tiles, '0', currency)
  const twice = new Set(amounts).size < amounts.length
  return (
    tiles.map((tile) => amountProblem(tile.amount, currency)).find(Boolean) ??
    (twice ? t('campaign.tiles_twice') : undefined)
  )
}
