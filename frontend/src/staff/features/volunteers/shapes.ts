// What the server says about volunteer work, under the product's words.

export interface Place {
  name: string
  address_line1: string
  city: string
  region: string
  postal_code: string
  country: string
  latitude?: number
  longitude?: number
  remote: boolean
}

export interface Requirement {
  kind_id: string
  name: string
}

export interface Opportunity {
  id: string
  slug: string
  title: string
  role: string
  summary: string
  why: string
  description: string
  kind: 'shifts' | 'flexible'
  status: 'draft' | 'published' | 'closed'
  visibility: 'public' | 'staff'
  cause_id?: string
  campaign_id?: string
  place: Place
  directions: string
  zone: string
  skills: string[]
  min_age: number
  contact_name: string
  contact_email: string
  contact_phone: string
  opens_before_hours?: number
  closes_before_minutes: number
  cancel_before_minutes: number
  waitlist_max?: number
  offer_hours: number
  starts_on?: string
  ends_on?: string
  hours_wanted: number
  requirements: Requirement[]
  public_url?: string
  version: number
  created_at: string
}

export type Fill = 'empty' | 'short' | 'filling' | 'full' | 'cancelled'

export interface Shift {
  id: string
  opportunity_id: string
  opportunity_title: string
  role: string
  series_id?: string
  detached: boolean
  title: string
  meeting_point: string
  starts_local: string
  ends_local: string
  zone: string
  starts_at: string
  ends_at: string
  places: number
  free: number
  taken: number
  waiting: number
  over: number
  fill: Fill
  opens_at?: string
  closes_at: string
  cancel_until: string
  opens_before_hours?: number
  closes_before_minutes: number
  cancel_before_minutes: number
  status: 'open' | 'cancelled'
  cancel_reason: string
  version: number
}

export type SignUpStatus =
  'held' | 'confirmed' | 'offered' | 'in' | 'done' | 'waiting' | 'no_show' | 'cancelled' | 'lapsed'

export interface SignUp {
  id: string
  shift_id: string
  person?: { id: string; name: string; email: string; phone: string } | null
  requested_name?: string
  status: SignUpStatus
  source: 'public' | 'staff' | 'walk_in' | 'swap' | 'cover'
  position?: number
  hold_until?: string
  over: boolean
  overrides: string[]
  override_note: string
  checked_in_at?: string
  checked_out_at?: string
  no_show_note: string
  end_reason: string
  created_at: string
  version: number
}

export interface Difference {
  field: 'starts' | 'ends' | 'zone' | 'place' | 'title'
  before: string
  after: string
}

export interface Notice {
  id: string
  message: string
  cancelled: boolean
  differences: Difference[]
  told: number
  by_name?: string
  created_at: string
}

export interface Ask {
  id: string
  person: { id: string; name: string }
  answer: 'asked' | 'yes' | 'no' | 'too_late' | 'hindered'
  answered_at?: string
  created_at: string
}

export interface ShiftDetail extends Shift {
  opportunity: Opportunity
  sign_ups: SignUp[]
  asks: Ask[]
  notices: Notice[]
}

export interface Refusal {
  rule: string
  message: string
  overridable: boolean
}

export interface Reason {
  code: string
  points: number
  number: number
  words: string[]
}

export interface Proposal {
  person_id: string
  name: string
  score: number
  eligible: boolean
  reasons: Reason[]
  obstacles: string[]
  asked_at?: string
}

export interface CredentialKind {
  id: string
  name: string
  description: string
  valid_months: number
  archived: boolean
}

export interface VolunteerLine {
  person_id: string
  name: string
  email: string
  phone: string
  status: 'prospective' | 'active' | 'inactive'
  skills: string[]
  approved_minutes: number
  upcoming: number
  came: number
  last_on?: string
}

export interface Occurrence {
  starts_local: string
  ends_local: string
  starts_at: string
  ends_at: string
}

export interface Page<Row> {
  items: Row[]
  next_cursor?: string
}
