// The island replaces the form that Go wrote. Whoever had begun to type keeps every word, and the place of the cursor.

export interface Typed {
  frequency: string
  amount: string
  other_amount: string
  monthly_amount: string
  monthly_other: string
  total: string
  count: string
  interval: string
  first_on: string
  cover_fee: boolean
  first_name: string
  last_name: string
  email: string
  visibility: string
  comment: string
  email_consent: boolean
  csrf_token: string
  action: string
}

export function takeOver(host: HTMLElement, render: (typed: Typed) => void): void {
  const form = host.querySelector('form')
  if (!form) return
  const active = document.activeElement
  const focused = active && form.contains(active) ? active.id : ''
  const cursor =
    active instanceof HTMLInputElement && active.type === 'text'
      ? [active.selectionStart, active.selectionEnd]
      : null
  const typed = readForm(form)
  form.remove()
  render(typed)
  const again = focused ? document.getElementById(focused) : null
  again?.focus({ preventScroll: true })
  if (cursor && again instanceof HTMLInputElement) again.setSelectionRange(cursor[0] ?? 0, cursor[1] ?? 0)
}

function readForm(form: HTMLFormElement): Typed {
  const data = new FormData(form)
  const text = (name: string) => {
    const value = data.get(name)
    return typeof value === 'string' ? value : ''
  }
  return {
    frequency: text('frequency') || 'once',
    amount: text('amount'),
    other_amount: text('other_amount'),
    monthly_amount: text('monthly_amount'),
    monthly_other: text('monthly_other'),
    total: text('total'),
    count: text('count'),
    interval: text('interval'),
    first_on: text('first_on'),
    cover_fee: data.has('cover_fee'),
    first_name: text('first_name'),
    last_name: text('last_name'),
    email: text('email'),
    visibility: text('visibility') || 'name_and_amount',
    comment: text('comment'),
    email_consent: data.has('email_consent'),
    csrf_token: text('csrf_token'),
    action: form.getAttribute('action') ?? '',
  }
}
