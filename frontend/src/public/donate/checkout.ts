// Starting a checkout: one request, sent as often as needed, is one gift, because the form's token travels with it.

import { readProblem } from '../../lib/problem'

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
  form_token: string
}

/** startCheckout returns where the donor pays, or throws an ApiError. */
export async function startCheckout(request: CheckoutRequest): Promise<string> {
  const response = await fetch('/api/v1/public/checkouts', {
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
