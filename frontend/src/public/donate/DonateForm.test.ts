import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import english from '../../locales/en.json'
import { setMessages, type Catalogue } from '../../lib/t'
import type { Boot } from './boot'
import DonateForm from './DonateForm.svelte'
import type { Typed } from './takeover'

setMessages(english as Catalogue, 'en')

const boot: Boot = {
  organization: 'riverbend',
  campaign: 'library',
  org_name: 'Riverbend Trust',
  currency: { code: 'USD', symbol: '$', decimals: 2, step: 1, least: 50, most: 99_999_999 },
  tariff: { basis_points: 290, fixed: 30, cap: 0, rate: '2.9% + $0.30' },
  tiles: [
    { minor: 2500, line: '' },
    { minor: 5000, line: 'buys 4 books' },
  ],
  monthly: null,
  pledge: false,
  donors: true,
  embedded: false,
  form: { token: '0190b4a4-6f4e-7c53-8b5b-0d9b0a2f7a11', errors: null, problem: '' },
  messages: {},
}
const nothing: Typed = {
  frequency: 'once',
  amount: '50.00',
  other_amount: '',
  monthly_amount: '25.00',
  monthly_other: '',
  total: '',
  count: '12',
  interval: 'month',
  first_on: '2026-11-22',
  cover_fee: false,
  first_name: '',
  last_name: '',
  email: '',
  visibility: 'name_and_amount',
  comment: '',
  email_consent: false,
  csrf_token: 'csrf',
  action: '/give/riverbend/library',
}

const sent: { url: string; body: Record<string, unknown> }[] = []
let answer: () => Promise<Response> = () => Promise.reject(new TypeError('offline'))
const gone: string[] = []

beforeEach(() => {
  sent.length = 0
  gone.length = 0
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    sent.push({ url, body: JSON.parse(init.body as string) as Record<string, unknown> })
    return answer()
  })
  vi.spyOn(window.location, 'assign').mockImplementation((url) => void gone.push(String(url)))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const json = (status: number, body: unknown) =>
  Promise.resolve(
    new Response(JSON.stringify(body), {
      status,
      headers: { 'Content-Type': status < 300 ? 'application/json' : 'application/problem+json' },
    }),
  )
const show = (typed: Partial<Typed> = {}) => render(DonateForm, { boot, typed: { ...nothing, ...typed } })
const button = () => screen.getByRole('button', { name: /donate|payment page/i })
const whole = { first_name: 'Grace', last_name: 'Hopper', email: 'grace@example.org' }

test('the button says the exact total as the choice changes', async () => {
  const user = userEvent.setup()
  show()
  expect(button()).toHaveTextContent('Donate $50')
  const cover = screen.getByRole('checkbox', {
    name: /add \$1\.80 so that riverbend trust receives the full \$50/i,
  })
  expect(cover).not.toBeChecked()
  await user.click(cover)
  expect(button()).toHaveTextContent('Donate $51.80')
  await user.click(screen.getByRole('radio', { name: '$25' }))
  expect(button()).toHaveTextContent('Donate $26.06')
  await user.click(screen.getByRole('radio', { name: 'Other' }))
  expect(button()).toHaveTextContent('Donate')
  await user.type(screen.getByLabelText('Your amount ($)'), '1,234.5')
  await user.click(cover)
  expect(button()).toHaveTextContent('Donate $1,234.50')
})

test('mistakes are shown together, and the summary takes focus', async () => {
  const user = userEvent.setup()
  show({ amount: 'other', other_amount: '1e3' })
  await user.click(button())
  const summary = screen.getByRole('alert')
  expect(summary).toHaveFocus()
  expect(summary).toHaveTextContent('Please check 3 fields')
  expect(screen.getByRole('link', { name: /with digits/ })).toHaveAttribute('href', '#other_amount')
  expect(screen.getByLabelText('Email for your receipt')).toHaveAccessibleDescription(/like name@example.org/)
  expect(sent).toHaveLength(0)
})

test('a sent form leads to the card page, with what was typed and the token of the form', async () => {
  const user = userEvent.setup()
  answer = () => json(201, { reference: 'R-1', redirect_url: 'https://checkout.example/x' })
  show({ ...whole, comment: 'Read on', visibility: 'name' })
  await user.click(button())
  await vi.waitFor(() => expect(gone).toEqual(['https://checkout.example/x']))
  expect(sent[0]?.url).toBe('/api/v1/public/checkouts')
  expect(sent[0]?.body).toEqual({
    organization: 'riverbend',
    campaign: 'library',
    amount: { amount_minor: 5000, currency: 'USD' },
    cover_fee: false,
    ...whole,
    visibility: 'name',
    comment: 'Read on',
    email_consent: false,
    frequency: 'once',
    form_token: boot.form.token,
  })
  expect(button()).toHaveTextContent('Taking you to the payment page')
})

test('a second press while the first is on its way sends nothing', async () => {
  const user = userEvent.setup()
  let finish: (r: Response) => void = () => undefined
  answer = () => new Promise((resolve) => (finish = resolve))
  show(whole)
  await user.dblClick(button())
  await user.click(button())
  expect(sent).toHaveLength(1)
  expect(button()).toHaveAttribute('aria-disabled', 'true')
  finish(await json(201, { redirect_url: 'https://checkout.example/x' }))
  await vi.waitFor(() => expect(gone).toHaveLength(1))
})

test('what the server refuses stands at its field', async () => {
  const user = userEvent.setup()
  answer = () =>
    json(422, {
      title: 'Unprocessable Entity',
      status: 422,
      code: 'amount.too_small',
      errors: [
        { location: 'body.amount.amount_minor', message: 'Too small.', code: 'amount.too_small' },
        { location: 'body.comment', message: 'At most 500 characters fit here.', code: 'text.too_long' },
      ],
    })
  show(whole)
  await user.click(button())
  await screen.findByRole('alert')
  expect(screen.getByRole('alert')).toHaveTextContent('Please check 2 fields')
  expect(screen.getByLabelText(/^Message/)).toHaveAccessibleDescription(/At most 500 characters/)
  expect(gone).toHaveLength(0)
})

test('without a connection everything is kept, and the retry carries the same token', async () => {
  const user = userEvent.setup()
  answer = () => Promise.reject(new TypeError('offline'))
  show(whole)
  await user.click(button())
  expect(await screen.findByRole('alert')).toHaveTextContent('Your details are kept')
  expect(screen.getByLabelText('First name')).toHaveValue('Grace')
  answer = () => json(201, { redirect_url: 'https://checkout.example/x' })
  await user.click(button())
  await vi.waitFor(() => expect(gone).toHaveLength(1))
  expect(sent[1]?.body['form_token']).toBe(sent[0]?.body['form_token'])
})

test('a mistake disappears as it is mended', async () => {
  const user = userEvent.setup()
  show({ ...whole, email: 'grace' })
  await user.click(button())
  const email = screen.getByLabelText('Email for your receipt')
  expect(email).toHaveAttribute('aria-invalid', 'true')
  await user.type(email, '@example.org')
  expect(email).not.toHaveAttribute('aria-invalid')
})
