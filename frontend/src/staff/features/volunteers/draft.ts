// An opportunity as its form holds it: numbers as typed text, empty days as ''.

import { t } from '@lib/t'
import type { OpportunityFields } from '@api/types'
import { peopleOf } from './party'
import type { Opportunity, Place } from './shapes'
import { windowDraft, windowOf, windowProblems, type WindowDraft } from './windows'

export interface Draft {
  title: string
  slug: string
  role: string
  summary: string
  why: string
  description: string
  kind: Opportunity['kind']
  visibility: Opportunity['visibility']
  cause_id: string
  campaign_id: string
  place: {
    name: string
    address_line1: string
    city: string
    region: string
    postal_code: string
    country: string
    latitude: string
    longitude: string
    remote: boolean
  }
  directions: string
  zone: string
  skills: string[]
  min_age: string
  requirements: string[]
  party_max: string
  contact_name: string
  contact_email: string
  contact_phone: string
  window: WindowDraft
  /** waitlist: any number, some, or nobody waits */
  waitlist: 'any' | 'some' | 'none'
  waitlist_max: string
  offer_hours: string
  starts_on: string
  ends_on: string
  hours_wanted: string
}

/** FIELDS are the names the server uses in its problems. */
export const FIELDS = [
  'title',
  'slug',
  'role',
  'summary',
  'why',
  'description',
  'kind',
  'visibility',
  'cause_id',
  'campaign_id',
  'place.name',
  'place.address_line1',
  'place.city',
  'place.region',
  'place.postal_code',
  'place.country',
  'latitude',
  'directions',
  'zone',
  'skills',
  'min_age',
  'requirements',
  'party_max',
  'contact_name',
  'contact_email',
  'contact_phone',
  'opens_before_hours',
  'closes_before_minutes',
  'cancel_before_minutes',
  'waitlist_max',
  'offer_hours',
  'starts_on',
  'ends_on',
  'hours_wanted',
] as const

const usual = { opens_before_hours: 14 * 24 * 2, closes_before_minutes: 120, cancel_before_minutes: 24 * 60 }

/** emptyDraft begins with what suits most: sign-up four weeks ahead, until two hours before. */
export function emptyDraft(zone: string, contact: { name: string; email: string }): Draft {
  return {
    title: '',
    slug: '',
    role: '',
    summary: '',
    why: '',
    description: '',
    kind: 'shifts',
    visibility: 'public',
    cause_id: '',
    campaign_id: '',
    place: {
      name: '',
      address_line1: '',
      city: '',
      region: '',
      postal_code: '',
      country: '',
      latitude: '',
      longitude: '',
      remote: false,
    },
    directions: '',
    zone,
    skills: [],
    min_age: '',
    requirements: [],
    party_max: '1',
    contact_name: contact.name,
    contact_email: contact.email,
    contact_phone: '',
    window: windowDraft(usual),
    waitlist: 'any',
    waitlist_max: '',
    offer_hours: '12',
    starts_on: '',
    ends_on: '',
    hours_wanted: '',
  }
}

const numberText = (n: number | undefined | null) => (n ? String(n) : '')

/** draftOf fills the form from a saved opportunity. */
export function draftOf(o: Opportunity): Draft {
  const { latitude, longitude } = o.place
  return {
    title: o.title,
    slug: o.slug,
    role: o.role,
    summary: o.summary,
    why: o.why,
    description: o.description,
    kind: o.kind,
    visibility: o.visibility,
    cause_id: o.cause_id ?? '',
    campaign_id: o.campaign_id ?? '',
    place: {
      name: o.place.name,
      address_line1: o.place.address_line1,
      city: o.place.city,
      region: o.place.region,
      postal_code: o.place.postal_code,
      country: o.place.country,
      remote: o.place.remote,
      latitude: latitude === undefined || latitude === null ? '' : String(latitude),
      longitude: longitude === undefined || longitude === null ? '' : String(longitude),
    },
    directions: o.directions,
    zone: o.zone,
    skills: [...o.skills],
    min_age: numberText(o.min_age),
    requirements: o.requirements.map((r) => r.kind_id),
    party_max: String(o.party_max),
    contact_name: o.contact_name,
    contact_email: o.contact_email,
    contact_phone: o.contact_phone,
    window: windowDraft(o),
    waitlist: (o.waitlist_max ?? -1) < 0 ? 'any' : o.waitlist_max === 0 ? 'none' : 'some',
    waitlist_max: numberText(o.waitlist_max),
    offer_hours: String(o.offer_hours),
    starts_on: o.starts_on ?? '',
    ends_on: o.ends_on ?? '',
    hours_wanted: numberText(o.hours_wanted),
  }
}

/** fieldsOf is what is sent. */
export function fieldsOf(d: Draft): OpportunityFields {
  const { latitude, longitude, ...place } = d.place
  const flexible = d.kind === 'flexible'
  return {
    title: d.title.trim(),
    slug: d.slug.trim(),
    role: d.role.trim(),
    summary: d.summary.trim(),
    why: d.why.trim(),
    description: d.description,
    kind: d.kind,
    visibility: d.visibility,
    ...(d.cause_id ? { cause_id: d.cause_id } : {}),
    ...(d.campaign_id ? { campaign_id: d.campaign_id } : {}),
    place: {
      ...place,
      country: place.country.trim().toUpperCase(),
      ...(latitude.trim() && longitude.trim()
        ? { latitude: Number(latitude), longitude: Number(longitude) }
        : {}),
    },
    directions: d.directions.trim(),
    zone: d.zone,
    skills: d.skills,
    min_age: Number(d.min_age) || 0,
    requirements: d.requirements,
    party_max: (!flexible && peopleOf(d.party_max)) || 1,
    contact_name: d.contact_name.trim(),
    contact_email: d.contact_email.trim(),
    contact_phone: d.contact_phone.trim(),
    ...windowOf(d.window),
    ...(d.waitlist === 'any' ? {} : { waitlist_max: d.waitlist === 'none' ? 0 : Number(d.waitlist_max) }),
    offer_hours: Number(d.offer_hours) || 0,
    ...(flexible && d.starts_on ? { starts_on: d.starts_on } : {}),
    ...(flexible && d.ends_on ? { ends_on: d.ends_on } : {}),
    hours_wanted: flexible ? Number(d.hours_wanted) || 0 : 0,
  }
}

const whole = (text: string, low: number, high: number) =>
  /^\d+$/.test(text.trim()) && Number(text) >= low && Number(text) <= high

const degrees = (text: string, most: number) =>
  /^-?\d+([.,]\d+)?$/.test(text.trim()) && Math.abs(Number(text.replace(',', '.'))) <= most

/** draftProblems finds what the server would refuse, before it is sent. */
export function draftProblems(d: Draft): Record<string, string | undefined> {
  const { latitude, longitude } = d.place
  const placed = latitude.trim() !== '' || longitude.trim() !== ''
  return {
    title: d.title.trim() ? undefined : t('campaign.title_missing'),
    summary: d.summary.trim() ? undefined : t('volunteers.opportunity.summary_missing'),
    slug: d.slug.trim() ? undefined : t('campaign.slug_missing'),
    latitude:
      placed && !(degrees(latitude, 90) && degrees(longitude, 180))
        ? t('volunteers.place.degrees_wrong')
        : undefined,
    min_age: d.min_age.trim() && !whole(d.min_age, 0, 120) ? t('volunteers.min_age_wrong') : undefined,
    ...(d.kind === 'shifts'
      ? {
          party_max: peopleOf(d.party_max) === undefined ? t('volunteers.party_max_wrong') : undefined,
          ...windowProblems(d.window),
          waitlist_max:
            d.waitlist === 'some' && !whole(d.waitlist_max, 1, 10_000)
              ? t('volunteers.waitlist.max_wrong')
              : undefined,
          offer_hours:
            d.waitlist !== 'none' && !whole(d.offer_hours, 1, 168)
              ? t('volunteers.waitlist.offer_wrong')
              : undefined,
        }
      : {
          ends_on:
            d.starts_on && d.ends_on && d.ends_on < d.starts_on ? t('campaign.dates_wrong') : undefined,
          hours_wanted:
            d.hours_wanted.trim() && !whole(d.hours_wanted, 0, 10_000)
              ? t('volunteers.hours_wanted_wrong')
              : undefined,
        }),
  }
}

/** placeWords says where in a line. */
export const placeWords = (p: Place): string =>
  p.remote ? t('volunteers.place.remote') : [p.name, p.address_line1, p.city].filter(Boolean).join(', ')
