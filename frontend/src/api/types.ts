// The shapes of the contract that the screens use.

import type { Money } from '@lib/money'

export type { Money }

export interface Page<T> {
  items: T[]
  next_cursor: string
}

export interface OrganizationRef {
  id: string
  slug: string
  name: string
  kind: 'nonprofit' | 'company'
  currency: string
  zone: string
  brand_color: string
}

export interface Membership {
  organization: OrganizationRef
  role: string
  permissions: string[]
}

export interface SessionBody {
  login: { id: string; name: string; email: string; operator: boolean }
  memberships: Membership[]
  csrf_token: string
}

export interface Invitation {
  organization_name: string
  email: string
  role: string
  login_exists: boolean
}

export type DonationStatus =
  | 'draft'
  | 'awaiting_payment'
  | 'processing'
  | 'requires_action'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'succeeded'
  | 'recorded'
  | 'partially_refunded'
  | 'refunded'
  | 'review'

export type DonationMethod = 'card' | 'cheque' | 'cash' | 'bank_transfer' | 'other'

export interface Donation {
  id: string
  reference: string
  person_id: string | null
  donor_name: string
  amount: Money
  cover: Money
  refunded: Money
  method: DonationMethod
  status: DonationStatus
  campaign: { id: string; title: string } | null
  cause_name: string
  fund_name: string
  occurred_at: string
  received_on: string | null
  thanked_at: string | null
}

export interface PaymentLine {
  charge_id: string
  payment_intent_id: string
  status: string
  amount: Money
  fee: Money | null
  net: Money | null
  brand: string
  last4: string
  charged_at: string | null
  balance_transaction_id: string
}

export interface RefundLine {
  id: string
  amount: Money
  status: string
  reason: string
  note: string
  requested_at: string
  refunded_at: string | null
  stripe_refund_id: string
  failure_reason: string
}

export interface AttemptLine {
  n: number
  state: string
  session_id: string
  decline_code: string
  created_at: string
}

export interface DonationDetail extends Donation {
  donor: { first_name: string; last_name: string; email: string }
  comment: string
  visibility: string
  note: string
  review_reason: string
  payments: PaymentLine[]
  attempts: AttemptLine[]
  refunds: RefundLine[]
  refundable: Money
}

export interface LedgerEntry {
  account: string
  label: string
  cause_id: string | null
  fund_id: string | null
  debit: Money | null
  credit: Money | null
}

export interface LedgerTransaction {
  id: string
  seq: number
  kind: string
  source_type: string
  source_id: string
  occurred_at: string
  posted_at: string
  memo: string
  entries: LedgerEntry[]
}

export interface ReceiptLine {
  id: string
  number: string
  issued_at: string
  voided_at: string | null
  void_reason: string
  amount: Money
}

export interface MessageLine {
  id: string
  kind: string
  subject: string
  to_email: string
  state: string
  sent_at: string | null
}

export interface AuditLine {
  id: string
  at: string
  actor_kind: string
  actor_name: string
  action: string
  subject_type: string
  subject_id: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

export interface Trail {
  ledger: LedgerTransaction[]
  receipts: ReceiptLine[]
  messages: MessageLine[]
  history: AuditLine[]
}

export interface Attention {
  kind: string
  donation_id: string
  donor_name: string
  amount: Money
  at: string
  reason: string
}

export interface Today {
  to_thank: Donation[]
  to_thank_count_capped: number
  received_today: Money[]
  received_this_month: Money[]
  live_campaigns: Campaign[]
  needs_attention: Attention[]
}

export interface Person {
  id: string
  display_name: string
  first_name: string
  last_name: string
  email: string
  phone: string
  city: string
  do_not_contact: boolean
  created_at: string
}

export interface Consent {
  channel: 'email' | 'phone' | 'text' | 'post'
  granted: boolean
  source: string
  at: string
}

export interface PersonDetail extends Person {
  version: number
  address_line1: string
  address_line2: string
  region: string
  postal_code: string
  country: string
  employer: string
  consents: Consent[]
}

export interface PersonSummary {
  lifetime: Money[]
  this_year: Money[]
  gift_count: number
  average: Money[]
  first_gift_on: string | null
  last_gift_on: string | null
}

export interface TimelineItem {
  kind: 'gift' | 'refund' | 'mail' | 'receipt' | 'change'
  at: string
  title: string
  amount: Money | null
  link: string
}

export interface Fund {
  id: string
  code: string
  name: string
  restriction: 'unrestricted' | 'purpose' | 'time' | 'endowment'
  active: boolean
}

export interface Cause {
  id: string
  slug: string
  name: string
  summary: string
  status: 'draft' | 'published' | 'archived'
  funds: Fund[]
}

export interface Campaign {
  id: string
  slug: string
  title: string
  status: 'draft' | 'live' | 'ended'
  goal: Money
  raised: Money
  gift_count: number
  starts_on: string | null
  ends_on: string | null
  public_url: string
}

export interface CampaignFields {
  title: string
  slug: string
  summary: string
  story: string
  cause_id: string
  fund_id: string
  goal: Money
  suggested: number[]
  default_minor: number
  impact_lines: Record<string, string>
  offer_fee_cover: boolean
  show_donors: boolean
  starts_on: string | null
  ends_on: string | null
  picture_alt: string
}

export interface CampaignDetail extends CampaignFields {
  id: string
  status: Campaign['status']
  raised: Money
  gift_count: number
  public_url: string
  picture_url: string
  version: number
}

export interface RegistryEntry {
  ein: string
  name: string
  city: string
  state: string
  zip: string
  subsection: string
  deductible: boolean
  ruling: string
  status: string
  claimed: boolean
}

export interface RegistryClaim {
  ein: string
  name: string
  verified_at: string
}

export interface TrialBalance {
  items: {
    account: string
    label: string
    currency: string
    debit: Money
    credit: Money
    balance: Money
  }[]
  totals: { currency: string; debit: Money; credit: Money }[]
}

export interface Organization {
  id: string
  slug: string
  kind: string
  name: string
  legal_name: string
  ein: string | null
  email: string
  phone: string
  website: string
  address_line1: string
  address_line2: string
  city: string
  region: string
  postal_code: string
  country: string
  zone: string
  currency: string
  brand_color: string
  receipt_signatory: string
  receipt_prefix: string
  fiscal_year_start: number
  embed_origins: string[]
}

export interface Team {
  items: { login_id: string; name: string; email: string; role: string; created_at: string }[]
  invitations: { id: string; email: string; role: string; expires_at: string }[]
}

export interface Token {
  id: string
  name: string
  hint: string
  scopes: string[]
  created_at: string
  last_used_at: string | null
  expires_at: string | null
}
