import type { Page } from '@playwright/test'
import { expectAccessible } from './axe'
import { campaign, cards, donor, expect, fill, mails, pay, ready, type Donor } from './fixtures'
import { api, open, test } from './staff'

// What staff do with regular gifts and pledges: take one, see it paid by cheque, give it up, and look after what fails.

const pages: [path: string, heading: string][] = [
  ['/promises', 'Regular gifts & pledges'],
  ['/promises/attention', 'Needs attention'],
  ['/promises/forecast', 'Forecast'],
  ['/promises/new', 'Take a pledge'],
]

for (const [path, heading] of pages)
  test(`axe: /app/riverbend${path}`, async ({ signedIn: page }) => {
    await open(page, path, heading)
    await expectAccessible(page)
  })

/** days is a date so many days from now. */
const days = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10)

const add = (page: Page, who: Donor) =>
  api<{ id: string }>(page, 'POST', '/people', {
    first_name: who.first,
    last_name: who.last,
    email: who.email,
  })

interface Pledge {
  id: string
  version: number
  instalments: { id: string }[]
}

async function pledgeOf(page: Page, who: Donor, first_on: string): Promise<Pledge> {
  const { items } = await api<{ items: { funds: { id: string }[] }[] }>(page, 'GET', '/causes')
  const { id } = await add(page, who)
  return api<Pledge>(page, 'POST', '/pledges', {
    person_id: id,
    total: { amount_minor: 30000, currency: 'USD' },
    count: 3,
    unit: 'month',
    every: 1,
    first_on,
    fund_id: items[0]?.funds[0]?.id,
    method: 'link',
    remind: { before_days: 7, every_days: 10, at_most: 3 },
  })
}

test('a pledge is taken, paid in part by a cheque that rolls on, and the rest is given up', async ({
  signedIn: page,
}) => {
  test.slow() // five screens and two mails
  const who = donor()
  const name = `${who.first} ${who.last}`
  const { id } = await add(page, who)
  await open(page, `/people/${id}`, name)
  await page.getByRole('link', { name: 'Take a pledge' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'Take a pledge' })).toBeVisible()
  await expect(page.getByLabel('Person')).toHaveValue(name)
  await page.getByRole('button', { name: /^Take the pledge/ }).click()
  await expect(page.getByRole('alert').first()).toBeFocused()
  await expectAccessible(page)
  await page.getByLabel('Pledged in all').fill('1000')
  await page.getByLabel('How many').fill('3')
  await page.getByLabel('Fund', { exact: true }).selectOption({ index: 1 })
  await expect(
    page.getByText(/^2 instalments of \$333\.33 and a last one of \$333\.34 that takes the rest/),
  ).toBeVisible()
  await expect(page.getByText(`${who.email} gets a thank-you with the instalments by mail.`)).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Take the pledge of $1,000.00' }).click()

  await expect(
    page.getByRole('heading', { level: 1, name: `Pledge of $1,000.00 from ${name}` }),
  ).toBeVisible()
  await expect(page.getByText('Everything is in order.')).toBeVisible()
  await expectAccessible(page)
  const letter = await mails(page, who.email, /pledge/i)
  expect(letter.text).toContain('$333.34')

  await page.getByRole('link', { name: 'Record a payment' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Record a gift' })).toBeVisible()
  await expect(page.getByLabel('Amount')).toHaveValue('333.33')
  await expect(page.getByText('It pays instalment 1 in full.')).toBeVisible()
  await expect(page.getByLabel('Fund', { exact: true })).not.toHaveValue('')
  await page.getByLabel('Amount').fill('200')
  await expect(
    page.getByText(/^\$133\.33 is missing: it is added to instalment 2 on .*, which is then \$466\.66\.$/),
  ).toBeVisible()
  await page.getByLabel(/Cheque number/).fill('004218')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Record $200.00' }).click()

  await expect(page.getByRole('heading', { level: 1, name: `$200.00 from ${name}` })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: /^Instalment 1 of pledge P-/ }).click()
  await expect(page.getByRole('heading', { level: 1, name: /^Pledge of/ })).toBeVisible()
  await expect(page.getByText('$466.66').first()).toBeVisible()
  await expect(page.getByText('Paid', { exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: /^See gift/ })).toHaveCount(1)

  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Write off the rest…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(
    dialog.getByText(/^\$800\.00 that is still to come is given up\. \$200\.00 that came stays/),
  ).toBeVisible()
  await dialog.getByRole('button', { name: 'Write off' }).click()
  await expect(dialog.getByRole('alert')).toBeFocused()
  await expectAccessible(page)
  await dialog.getByLabel('Reason').fill('Moved abroad')
  await dialog.getByRole('button', { name: 'Write off' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('What was left was given up. $200.00 came in before.')).toBeVisible()
  await expect(page.getByText('Moved abroad').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Actions', exact: true })).toHaveCount(0)
  await expectAccessible(page)
})

test('what is late is reminded of with one button, and stands apart in the forecast', async ({
  signedIn: page,
}) => {
  test.slow()
  const who = donor()
  await pledgeOf(page, who, days(-70))
  await open(page, '/promises/attention', 'Needs attention')
  const button = page
    .getByRole('button', { name: new RegExp(`^Remind now ?: ${who.first} ${who.last}$`) })
    .first()
  await expect(page.getByText(/^(69|70) days late$/).first()).toBeVisible() // the organization's day
  await button.click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('The donor gets a mail now with a link to pay $100.00.')).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Send the reminder' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText(/^Last reminded on/).first()).toBeVisible()
  const letter = await mails(page, who.email, /was due on/)
  expect(letter.text).toContain('$100')
  expect(
    letter.links.some((link) => link.includes('/pay/riverbend/')),
    'it leads to where it is paid',
  ).toBe(true)

  await page.getByRole('link', { name: 'Forecast' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Forecast' })).toBeVisible()
  await expect(page.getByText(/late instalments?, \$[\d,.]+ in all/)).toBeVisible()
  await expect(page.getByRole('img', { name: /^Expected by month from / })).toBeVisible()
  await expect(page.getByRole('row', { name: /^Total/ })).toBeVisible()
  await page.getByRole('radio', { name: '24 months' }).check()
  await expect(page.locator('tbody tr')).toHaveCount(24)
  await expectAccessible(page)
  await page.getByRole('link', { name: 'See what is late' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Needs attention' })).toBeVisible()
})

test('somebody else was quicker: nothing is done before the newest was seen', async ({ signedIn: page }) => {
  const who = donor()
  const pledge = await pledgeOf(page, who, days(20))
  await open(page, `/promises/${pledge.id}`, /^Pledge of/)
  await page.getByRole('button', { name: 'Instalment 2: actions' }).click()
  await page.getByRole('menuitem', { name: 'Waive…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('Agreed by telephone')

  const first = pledge.instalments[0]?.id ?? ''
  await api(page, 'POST', `/promises/${pledge.id}/instalments/${first}/move`, {
    due_on: days(40),
    version: pledge.version,
  })
  await dialog.getByRole('button', { name: 'Waive it' }).click()
  await expect(dialog.getByText('Somebody changed this meanwhile')).toBeVisible()
  await expect(dialog.getByLabel('Reason')).toHaveValue('Agreed by telephone')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Waive it' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Waived', { exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Reschedule…' }).click()
  await dialog.getByLabel('How many').fill('4')
  await expect(dialog.getByText(/^4 instalments of \$50\.00/)).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Use the new schedule' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Instalment 7', { exact: true })).toBeVisible()
})

test('a regular gift: staff change its amount, pause it and end it', async ({ signedIn: page }) => {
  test.slow()
  const who = donor()
  await page.goto(campaign)
  await ready(page)
  await page.getByRole('radio', { name: 'Monthly' }).check()
  await fill(page, who)
  await page.getByRole('button', { name: 'Give $25 a month' }).click()
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /^Thank you/ })).toBeVisible()

  await open(page, `/promises?search=${who.last.toLowerCase()}`, 'Regular gifts & pledges')
  await page.getByRole('link', { name: `${who.first} ${who.last}` }).click()
  await expect(
    page.getByRole('heading', { level: 1, name: `$25.00 every month from ${who.first} ${who.last}` }),
  ).toBeVisible()
  await expect(page.getByText(/is charged to the saved card on/)).toBeVisible()
  await expect(page.getByText('Visa ending in 4242').first()).toBeVisible()
  await expectAccessible(page)

  const dialog = page.getByRole('dialog')
  const choose = async (action: string) => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click()
    await page.getByRole('menuitem', { name: action }).click()
    await expect(dialog).toBeVisible()
  }
  await choose('Change the amount…')
  await dialog.getByLabel('New amount').fill('40')
  await expect(dialog.getByText(/\$40\.00 is charged every month instead of \$25\.00/)).toBeVisible()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Change the amount' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('heading', { level: 1, name: /^\$40\.00 every month/ })).toBeVisible()

  await choose('Pause…')
  await dialog.getByLabel('Paused until').fill(days(75))
  await expect(dialog.getByText(/^2 charges are left out: /)).toBeVisible()
  await dialog.getByRole('button', { name: 'Pause' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expect(page.getByText(/^Paused until /)).toBeVisible()
  await expectAccessible(page)

  await choose('Cancel…')
  await dialog.getByRole('button', { name: 'End it' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('It was ended. Nothing is charged any more.')).toBeVisible()
  await mails(page, who.email, /end|cancel|stop/i)
})

test('a person is anonymised, and what they promised ends', async ({ signedIn: page }) => {
  const who = donor()
  const name = `${who.first} ${who.last}`
  const pledge = await pledgeOf(page, who, days(20))
  const { person_id } = await api<{ person_id: string }>(page, 'GET', `/promises/${pledge.id}`)
  await open(page, `/people/${person_id}`, name)
  await page.getByRole('button', { name: 'Anonymise' }).click()
  const dialog = page.getByRole('dialog')
  await expectAccessible(page)
  await dialog.getByLabel(`Type ${name} to confirm`).fill(who.first)
  await dialog.getByRole('button', { name: 'Anonymise' }).click()
  await expect(dialog.getByText(`Type the name exactly: ${name}`).first()).toBeVisible()
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name)
  await dialog.getByRole('button', { name: 'Anonymise' }).click()

  await expect(page.getByRole('heading', { name: 'Former supporter', level: 1 })).toBeVisible()
  await expect(page.getByText('Anonymised', { exact: true })).toBeVisible()
  await expect(page.getByText(who.email)).toHaveCount(0)
  const ended = await api<{ status: string; donor_name: string }>(page, 'GET', `/promises/${pledge.id}`)
  expect(ended).toMatchObject({ status: 'cancelled', donor_name: '' })
})
