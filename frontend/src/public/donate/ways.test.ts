import { render, screen, within } from '@testing-library/svelte'
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
  monthly: [
    { minor: 1000, line: 'buys a book' },
    { minor: 2500, line: '' },
  ],
  pledge: true,
  donors: true,
  embedded: false,
  form: { token: '0190b4a4-6f4e-7c53-8b5b-0d9b0a2f7a11', errors: null, problem: '' },
  messages: {},
}
const filled: Typed = {
  frequency: 'once',
  amount: '50.00',
  other_amount: '',
  monthly_amount: '25.00',
  monthly_other: '',
  total: '',
  count: '12',
  interval: 'month',
  first_on: '2026-11-30',
  cover_fee: false,
  first_name: 'Grace',
  last_name: 'Hopper',
  email: 'grace@example.org',
  visibility: 'name_and_amount',
  comment: '',
  email_consent: false,
  csrf_token: 'csrf',
  action: '/give/riverbend/library',
}

const sent: { url: string; body: Record<string, unknown> }[] = []
let answer: () => Response

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 30, 12), shouldAdvanceTime: true })
  sent.length = 0
  answer = () => json(201, { redirect_url: 'https://checkout.example/x' })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    sent.push({ url, body: JSON.parse(init.body as string) as Record<string, unknown> })
    return Promise.resolve(answer())
  })
  vi.spyOn(window.location, 'assign').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': status < 300 ? 'application/json' : 'application/problem+json' },
  })
const user = () => userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) })
const show = (typed: Partial<Typed> = {}, change: Partial<Boot> = {}) =>
  render(DonateForm, { boot: { ...boot, ...change }, typed: { ...filled, ...typed } })
const button = () => screen.getByRole('button', { name: /^(donate|give|pledge|taking)/i })
const way = (name: string) =>
  within(screen.getByRole('group', { name: /how would you/i })).getByLabelText(name)

test('how to give comes before how much, and each way keeps its own amount', async () => {
  const u = user()
  show()
  const ways = screen.getByRole('group', { name: 'How would you like to give?' })
  const amounts = screen.getByRole('group', { name: 'Choose an amount' })
  expect(ways.compareDocumentPosition(amounts) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
  await u.click(way('Monthly'))
  expect(screen.getByRole('radio', { name: '$10 buys a book' })).toBeInTheDocument()
  expect(screen.getByRole('radio', { name: '$25' })).toBeChecked()
  expect(button()).toHaveTextContent('Give $25 a month')
  await u.click(screen.getByRole('radio', { name: 'Other' }))
  await u.type(screen.getByLabelText('Your amount a month ($)'), '12.5')
  expect(button()).toHaveTextContent('Give $12.50 a month')
  await u.click(way('Once'))
  expect(button()).toHaveTextContent('Donate $50')
  await u.click(way('Monthly'))
  expect(button()).toHaveTextContent('Give $12.50 a month')
})

test('a monthly gift says when the card is charged next, and that it can be stopped', () => {
  show({ frequency: 'monthly' })
  expect(screen.getByText(/next charged on/)).toHaveTextContent(
    'You pay the first gift today. Your card is next charged on December 30, 2026, then every month on the 30th, ' +
      'or on the last day of a shorter month. You can change or stop it any time',
  )
})

test('in the middle of a month every month has the day', () => {
  vi.setSystemTime(new Date(2026, 10, 22, 12))
  show({ frequency: 'monthly' })
  expect(screen.getByText(/next charged on/)).toHaveTextContent(
    'next charged on December 22, 2026, then every month on the 22nd. You',
  )
})

test('the fee cover works for a monthly gift', async () => {
  const u = user()
  show({ frequency: 'monthly' })
  await u.click(
    screen.getByRole('checkbox', {
      name: 'Add $1.06 each month so that Riverbend Trust receives the full $25 ($26.06 a month in total)',
    }),
  )
  expect(button()).toHaveTextContent('Give $26.06 a month')
  await u.click(button())
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.url).toBe('/api/v1/public/checkouts')
  expect(sent[0]?.body).toMatchObject({
    amount: { amount_minor: 2500, currency: 'USD' },
    cover_fee: true,
    frequency: 'monthly',
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
})

test('after a small amount was chosen, monthly is proposed once and never chosen for the donor', async () => {
  const u = user()
  show()
  expect(screen.queryByText(/month instead/)).toBeNull()
  await u.click(screen.getByRole('radio', { name: '$25' }))
  expect(screen.getByText('Make it $10 a month instead? You can stop any time.')).toBeVisible()
  expect(button()).toHaveTextContent('Donate $25')
  await u.click(screen.getByRole('button', { name: 'No, give once' }))
  expect(screen.queryByText(/month instead/)).toBeNull()
  expect(screen.getByRole('radio', { name: '$25' })).toHaveFocus()
  await u.click(screen.getByRole('radio', { name: '$50 buys 4 books' }))
  expect(screen.queryByText(/month instead/)).toBeNull()
})

test('who takes the proposal gives that amount monthly', async () => {
  const u = user()
  show({ amount: '25.00' })
  await u.click(screen.getByRole('radio', { name: '$50 buys 4 books' }))
  await u.click(screen.getByRole('button', { name: 'Yes, monthly' }))
  expect(way('Monthly')).toBeChecked()
  expect(screen.getByRole('radio', { name: '$10 buys a book' })).toHaveFocus()
  expect(button()).toHaveTextContent('Give $10 a month')
})

test('where only giving once is offered nobody is asked how', () => {
  show({}, { monthly: null, pledge: false })
  expect(screen.queryByRole('group', { name: /how would you/i })).toBeNull()
  expect(button()).toHaveTextContent('Donate $50')
})

test('a monthly amount that is wrong is told at its field', async () => {
  const u = user()
  show({ frequency: 'monthly', monthly_amount: 'other', monthly_other: '0.10' })
  await u.click(button())
  expect(screen.getByRole('alert')).toHaveTextContent('The least is $0.50.')
  expect(screen.getByRole('link', { name: /smaller/ })).toHaveAttribute('href', '#monthly_other')
  await u.click(way('Once'))
  expect(screen.queryByRole('alert')).toBeNull()
})

test('a pledge shows what it comes to while it is typed, the last cent included', async () => {
  const u = user()
  show()
  await u.click(way('Pledge'))
  expect(button()).toHaveTextContent('Pledge')
  expect(screen.queryByRole('checkbox', { name: /receives the full/ })).toBeNull()
  expect(screen.queryByLabelText(/^Message/)).toBeNull()
  await u.type(screen.getByLabelText('Amount in total ($)'), '1000')
  const plan = screen.getByText(/payments of/)
  expect(plan).toHaveTextContent(
    '12 payments of $83.33, the last one of $83.37, from November 30, 2026 to October 30, 2027.',
  )
  await u.click(screen.getByText('Every date and amount'))
  const rows = within(screen.getByRole('list', { name: 'Every date and amount' })).getAllByRole('listitem')
  expect(rows).toHaveLength(12)
  expect(rows[3]).toHaveTextContent('February 28, 2027 $83.33')
  expect(rows[11]).toHaveTextContent('October 30, 2027 $83.37')
  await u.selectOptions(screen.getByLabelText('How often'), 'Every year')
  expect(plan).toHaveTextContent('to November 30, 2037')
  expect(button()).toHaveTextContent('Pledge $1,000')
  await vi.advanceTimersByTimeAsync(1_100)
})

test('a pledge is sent with its schedule', async () => {
  const u = user()
  show({ frequency: 'pledge', total: '1,200', interval: 'quarter', first_on: '2026-12-01' })
  await u.click(button())
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]).toEqual({
    url: '/api/v1/public/pledges',
    body: {
      organization: 'riverbend',
      campaign: 'library',
      total: { amount_minor: 120_000, currency: 'USD' },
      count: 12,
      unit: 'month',
      every: 3,
      first_on: '2026-12-01',
      first_name: 'Grace',
      last_name: 'Hopper',
      email: 'grace@example.org',
      visibility: 'name_and_amount',
      email_consent: false,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      form_token: boot.form.token,
    },
  })
})

test('every mistake of a pledge is told at its field', async () => {
  const u = user()
  show({ frequency: 'pledge', total: 'much', count: '0', first_on: '2032-11-30' })
  await u.click(button())
  const summary = screen.getByRole('alert')
  expect(summary).toHaveTextContent('Please check 3 fields')
  expect(
    within(summary)
      .getAllByRole('link')
      .map((l) => l.getAttribute('href')),
  ).toEqual(['#total', '#count', '#first_on'])
  await u.clear(screen.getByLabelText('Payments'))
  await u.type(screen.getByLabelText('Payments'), '200')
  await u.click(button())
  expect(screen.getByLabelText('Payments')).toHaveAccessibleDescription('Choose between 1 and 120 payments.')
  expect(sent).toHaveLength(0)
})

test('parts too small for a card are told before anything is sent', async () => {
  const u = user()
  show({ frequency: 'pledge', total: '5', count: '12' })
  await u.click(button())
  expect(screen.getByLabelText('Payments')).toHaveAccessibleDescription(/too small/)
  expect(screen.getByLabelText('Amount in total ($)')).toHaveValue('5')
  expect(sent).toHaveLength(0)
})

test('what the server refuses of a pledge stands at the control that mends it', async () => {
  const u = user()
  answer = () =>
    json(422, {
      title: 'Unprocessable Entity',
      status: 422,
      code: 'promise.first_past',
      errors: [
        { location: 'body.first_on', message: 'The first date has passed.', code: 'promise.first_past' },
        { location: 'body.amount', message: 'Too small.', code: 'amount.too_small' },
      ],
    })
  show({ frequency: 'pledge', total: '1200' })
  await u.click(button())
  await screen.findByRole('alert')
  expect(screen.getByLabelText('First payment on')).toHaveAccessibleDescription('The first date has passed.')
  expect(screen.getByLabelText('Amount in total ($)')).toHaveAccessibleDescription('Too small.')
})

test('a date that has passed where the donor is becomes the donor\u2019s today', () => {
  show({ frequency: 'pledge', first_on: '2026-11-29' })
  expect(screen.getByLabelText('First payment on')).toHaveValue('2026-11-30')
})
