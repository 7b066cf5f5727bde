// Starting a checkout or a pledge: one request, sent as often as needed, is one gift, because the form's token travels with it.

import { ApiError, readProblem } from '../../lib/problem'

export interface CheckoutRequest {
  organization: string
  campaign: string
  amount: { amount_minor: number; currency: string }
  cover_fee: boolean
  first_name: string
  last_name: string
  email: string
  visibility: string
  comment: string
  email_consent: boolean
  frequency: 'once' | 'monthly'
  /** zone is whose mornings later charges of a monthly gift come in. */
  zone?: string
  form_token: string
}

export interface PledgeRequest {
  organization: string
  campaign: string
  total: { amount_minor: number; currency: string }
  count: number
  unit: 'week' | 'month' | 'year'
  every: number
  first_on: string
  first_name: string
  last_name: string
  email: string
  visibility: string
  email_consent: boolean
  zone: string
  form_token: string
}

/** startCheckout returns where the donor pays, or throws an ApiError. */
export function startCheckout(request: CheckoutRequest): Promise<string> {
  return send('/api/v1/public/checkouts', request)
}

/** startPledge returns where the donor saves a card, or throws an ApiError. */
export function startPledge(request: PledgeRequest): Promise<string> {
  return send('/api/v1/public/pledges', request).catch((thrown: unknown) => {
    throw thrown instanceof ApiError ? asFormCallsIt(thrown) : thrown
  })
}

// The form has one control for the unit and its number, and calls the whole amount total.
const controls: Record<string, string> = { amount: 'total', unit: 'interval', every: 'interval' }

function asFormCallsIt({ problem }: ApiError): ApiError {
  const errors = problem.errors?.map((e) => {
    const field = e.location?.replace(/^body\./, '') ?? ''
    return controls[field] ? { ...e, location: controls[field] } : e
  })
  return new ApiError(errors ? { ...problem, errors } : problem)
}

async function send(address: string, request: object): Promise<string> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(request),
  })
  if (!response.ok) throw await readProblem(response)
  const body = (await response.json()) as { redirect_url: string }
  return body.redirect_url
}

/** leaveFor goes on to the card page: never inside somebody else's frame. */
export function leaveFor(url: string, embedded: boolean): void {
  if (embedded) window.open(url, '_top')
  else window.location.assign(url)
}
