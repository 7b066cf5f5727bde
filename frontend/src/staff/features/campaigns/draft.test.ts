import { describe, expect, it } from 'vitest'
import type { Campaign } from '@api/types'
import '@lib/testing'
import { draftOf, draftProblems, emptyDraft, fieldsOf, lineOf } from './draft'

const campaign: Campaign = {
  id: 'c1',
  title: 'Library',
  slug: 'library',
  summary: 'Books.',
  story: 'Once.\n\nTwice.',
  cause_id: 'ca1',
  fund_id: 'f1',
  goal: { amount_minor: 3000000, currency: 'USD' },
  raised: { amount_minor: 0, currency: 'USD' },
  pledged: { amount_minor: 0, currency: 'USD' },
  suggested: [2500, 5000],
  default_minor: 5000,
  impact_lines: { '5000': 'buys 4 books', '1000': 'a book a month' },
  offer_monthly: true,
  monthly_suggested: [1000, 5000],
  monthly_default_minor: 1000,
  offer_pledge: true,
  offer_fee_cover: true,
  show_donors: false,
  starts_on: '2026-10-01',
  ends_on: null,
  picture_alt: '',
  picture_url: '',
  public_url: '/give/riverbend/library',
  status: 'draft',
  gift_count: 0,
  percent: 0,
  version: 3,
  created_at: '2026-10-01T00:00:00Z',
  updated_at: '2026-10-01T00:00:00Z',
  published_at: null,
  ended_at: null,
}

const complete = () => ({ ...draftOf(campaign), title: 'Library' })

describe('a draft', () => {
  it('comes back from the form as it went in', () => {
    expect(fieldsOf(draftOf(campaign), 'USD')).toEqual({
      title: 'Library',
      slug: 'library',
      summary: 'Books.',
      story: 'Once.\n\nTwice.',
      cause_id: 'ca1',
      fund_id: 'f1',
      goal: { amount_minor: 3000000, currency: 'USD' },
      suggested: [2500, 5000],
      default_minor: 5000,
      impact_lines: { '5000': 'buys 4 books', '1000': 'a book a month' },
      offer_monthly: true,
      monthly_suggested: [1000, 5000],
      monthly_default_minor: 1000,
      offer_pledge: true,
      offer_fee_cover: true,
      show_donors: false,
      starts_on: '2026-10-01',
      ends_on: '',
      picture_alt: '',
    })
  })

  it('follows its amount when the chosen tile changes', () => {
    const draft = complete()
    draft.tiles[1] = { amount: '60', impact: 'buys 5 books' }
    const fields = fieldsOf(draft, 'USD')
    expect(fields.default_minor).toBe(6000)
    expect(fields.impact_lines).toEqual({
      '1000': 'a book a month',
      '5000': 'buys 4 books',
      '6000': 'buys 5 books',
    })
  })

  it('leaves out tiles that cannot be read, so that there is always a preview', () => {
    const draft = complete()
    draft.tiles = [
      { amount: 'abc', impact: 'x' },
      { amount: '50', impact: '' },
    ]
    draft.preset = '0'
    expect(fieldsOf(draft, 'USD')).toMatchObject({
      suggested: [5000],
      default_minor: 5000,
      impact_lines: { '1000': 'a book a month' },
    })
  })

  it('gives a monthly amount the line that the same amount has already', () => {
    const draft = complete()
    expect(lineOf(draft, '50', 'USD')).toBe('buys 4 books')
    expect(lineOf(draft, '25.00', 'USD')).toBe('')
    expect(lineOf(draft, '10', 'USD')).toBeUndefined()
    expect(lineOf(draft, '', 'USD')).toBeUndefined()
    draft.monthly_tiles = [{ amount: '25', impact: 'kept from before' }]
    expect(fieldsOf(draft, 'USD').impact_lines).toEqual({ '5000': 'buys 4 books' })
  })
})

describe('its problems', () => {
  it('are none when it is complete', () => {
    expect(Object.values(draftProblems(complete(), 'USD')).filter(Boolean)).toEqual([])
  })

  it('name every field that is missing', () => {
    const wrong = draftProblems(emptyDraft(), 'USD')
    expect(Object.keys(wrong).filter((name) => wrong[name])).toEqual(['title', 'slug', 'cause_id', 'fund_id'])
  })

  it('refuse decimals the currency does not have', () => {
    expect(draftProblems({ ...complete(), goal: '100.5' }, 'JPY').goal).toBe('JPY has at most 0 decimals.')
  })

  it('look at monthly amounts only where they are offered', () => {
    const draft = { ...complete(), monthly_tiles: [{ amount: 'abc', impact: '' }] }
    expect(draftProblems(draft, 'USD').monthly_suggested).toBeTruthy()
    draft.monthly_tiles = [
      { amount: '10', impact: '' },
      { amount: '10.00', impact: '' },
    ]
    expect(draftProblems(draft, 'USD').monthly_suggested).toBe('Two amounts are the same.')
    draft.offer_monthly = false
    expect(draftProblems(draft, 'USD').monthly_suggested).toBeUndefined()
    expect(fieldsOf(draft, 'USD')).not.toHaveProperty('monthly_suggested')
  })

  it('refuse the same amount twice and dates that run backwards', () => {
    const draft = { ...complete(), starts_on: '2026-12-01', ends_on: '2026-11-01' }
    draft.tiles = [
      { amount: '50', impact: '' },
      { amount: '50.00', impact: '' },
    ]
    const wrong = draftProblems(draft, 'USD')
    expect(wrong.suggested).toBe('Two amounts are the same.')
    expect(wrong.ends_on).toBe('The last day must not be before the first.')
  })
})
