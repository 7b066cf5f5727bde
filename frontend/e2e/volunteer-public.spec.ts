import { expectAccessible, expectTargets } from './axe'
import { donor, expect, mails, owner, Staff, tabTo, test as base, type Donor } from './fixtures'
import { request, type Page } from '@playwright/test'

// What volunteers do: find shifts, sign up by a mailed link, wait in line, answer an offer, and look after it all in My shifts.

interface Shift {
  id: string
}

interface Work {
  id: string
  slug: string
  title: string
  role: string
}

/** test has a member of staff who signed in once: sign-ins are counted, as they should be. */
const test = base.extend<object, { staff: Staff }>({
  staff: [
    async ({ browserName: _ }, use, info) => {
      const context = await request.newContext({
        baseURL: info.project.use.baseURL,
        extraHTTPHeaders: { 'X-Forwarded-For': `10.77.${info.workerIndex % 250}.${process.pid % 250}` },
      })
      await use(await Staff.signIn(context, owner))
      await context.dispose()
    },
    { scope: 'worker' },
  ],
})

let made = 0

/** work publishes an opportunity that no other journey finds: its role is its own. */
async function work(staff: Staff, fields: Record<string, unknown> = {}): Promise<Work> {
  const name = `${Date.now().toString(36)}${process.pid}${++made}`
  const title = `Pack parcels ${name}`
  const role = `Packer ${name}`
  const one = await staff.call<{ id: string; slug: string }>('POST', '/opportunities', {
    title,
    role,
    slug: `e2e-${name}`,
    summary: 'Pack food parcels for forty families.',
    why: 'Nobody in town goes hungry.',
    description: 'We **pack** together and have tea afterwards.',
    kind: 'shifts',
    place: {
      name: 'Food bank',
      address_line1: '5 Dock Street',
      city: 'Riverbend',
      region: 'NY',
      country: 'US',
    },
    directions: 'Ring at the blue door.',
    contact_name: 'Mo Carter',
    contact_email: 'mo@riverbend.example',
    contact_phone: '555 0100',
    ...fields,
  })
  await staff.call('POST', `/opportunities/${one.id}/publish`)
  return { ...one, title, role }
}

/** shift plans one so many days from now; days on which the clocks change are far enough away. */
async function shift(staff: Staff, of: Work, days: number, hour = 9, places = 3): Promise<string> {
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  const at = (h: number) => `${day}T${String(h).padStart(2, '0')}:00`
  const { items } = await staff.call<{ items: Shift[] }>('POST', `/opportunities/${of.id}/shifts`, {
    starts_local: at(hour),
    ends_local: at(hour + 3),
    places,
  })
  return items[0]?.id ?? ''
}

const list = (of: Work) => `/volunteer/riverbend?role=${encodeURIComponent(of.role)}`
const boxes = (page: Page) => page.locator('li.shift').getByRole('checkbox')
const goOn = (page: Page) => page.getByRole('button', { name: 'Continue' })

async function introduce(page: Page, who: Donor): Promise<void> {
  await page.getByLabel('First name').fill(who.first)
  await page.getByLabel('Last name').fill(who.last)
  await page.getByLabel('E-mail address').fill(who.email)
  await page.getByRole('button', { name: 'Hold my places and mail me the link' }).click()
}

/** confirm follows the mailed link, has a look at its page, and presses its button. */
async function confirm(page: Page, who: Donor, look?: (page: Page) => Promise<void>): Promise<void> {
  const letter = await mails(page, who.email, /confirm/i)
  await page.goto(letter.links.find((l) => l.includes('/confirm/')) ?? '')
  await look?.(page)
  await page.getByRole('button', { name: 'Yes, I will come' }).click()
}

/** join takes somebody from the list to a confirmed choice of everything on it. */
async function join(page: Page, of: Work, who: Donor): Promise<void> {
  await page.goto(list(of))
  for (const box of await boxes(page).all()) await box.check()
  await goOn(page).click()
  await introduce(page, who)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Check your mail')
  await confirm(page, who)
}

test('somebody finds two shifts, confirms by mail, and cancels one', async ({ page, staff }) => {
  test.slow()
  const of = await work(staff)
  await shift(staff, of, 5)
  await shift(staff, of, 6, 14)
  const who = donor()

  await page.goto('/volunteer/riverbend')
  await expect(page.getByRole('heading', { level: 1, name: /^Volunteer with/ })).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 44)
  await page.getByLabel('Role').selectOption(of.role)
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(boxes(page)).toHaveCount(2)
  await expect(page.getByText('3 of 3 places left').first()).toBeVisible()

  await boxes(page).first().check()
  await expect(page.locator('[data-count]')).toHaveText('1 shift chosen')
  await page
    .getByRole('link', { name: new RegExp(`^About this.*${of.title}`) })
    .first()
    .click()
  await expect(page.getByRole('heading', { level: 1, name: of.title })).toBeVisible()
  await expect(page.getByText('Nobody in town goes hungry.')).toBeVisible()
  await expect(boxes(page).first(), 'the choice is remembered').toBeChecked()
  await expectAccessible(page)
  await boxes(page).nth(1).check()
  await expect(page.locator('[data-count]')).toHaveText('2 shifts chosen')
  await goOn(page).click()

  await expect(page.getByRole('heading', { name: 'Almost there: who are you?' })).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 44)
  await page.getByRole('button', { name: 'Hold my places and mail me the link' }).click()
  await expect(page.getByRole('alert')).toContainText('Please check')
  await expect(page.getByLabel('E-mail address')).toHaveAttribute('aria-invalid', 'true')
  await expectAccessible(page)
  await introduce(page, who)
  await expect(
    page.getByRole('heading', { name: /^Check your mail: your places are held until \d\d:\d\d/ }),
  ).toBeVisible()
  await expectAccessible(page)

  await confirm(page, who, expectAccessible)
  await expect(page.getByRole('heading', { name: `Thank you, ${who.first}` })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'You have 2 places' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Open My shifts' }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'My shifts' })).toBeVisible()
  await expect(page.getByText('5 Dock Street').first()).toBeVisible()
  await expect(page.getByText('Ring at the blue door.').first()).toBeVisible()
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Add to my calendar' })).toHaveAttribute('href', /^webcal:/)
  await expectAccessible(page)
  await expectTargets(page, 44)

  const feed = await page.request.get(await page.getByLabel(/paste this address/).inputValue())
  expect(feed.status()).toBe(200)
  expect(await feed.text()).toContain('BEGIN:VEVENT')

  await page
    .getByRole('link', { name: /^Cancel or swap/ })
    .first()
    .click()
  await expectAccessible(page)
  await page.getByLabel(/tell us why/).fill('I am away.')
  await page.getByRole('button', { name: 'Cancel my place' }).click()
  await expect(page.getByRole('status')).toContainText('It is cancelled.')
  await expect(page.getByRole('link', { name: /^Cancel or swap/ })).toHaveCount(1)
  await page.goto(list(of))
  await expect(page.getByText('You have a place')).toHaveCount(1)
  await expectAccessible(page)
})

test('two shifts at the same time are said to clash before anybody goes on', async ({ page, staff }) => {
  const of = await work(staff)
  await shift(staff, of, 5, 9)
  await shift(staff, of, 5, 10)
  await page.goto(list(of))
  for (const box of await boxes(page).all()) await box.check()
  const warning = page.locator('[data-clash]')
  await expect(warning).toBeVisible()
  await expect(warning).toContainText('are at the same time')
  await expectAccessible(page)
  await boxes(page).first().uncheck()
  await expect(warning).toBeHidden()
})

test('a freed place is offered to the first in line, who takes it', async ({ page, browser, staff }) => {
  test.slow()
  const of = await work(staff)
  await shift(staff, of, 5, 9, 1)
  const first = donor()
  const second = donor()
  await join(page, of, first)
  await expect(page.getByRole('heading', { name: 'You have a place' })).toBeVisible()

  const other = await browser.newContext()
  const waiter = await other.newPage()
  await waiter.goto(list(of))
  await expect(waiter.getByText('Nobody waits yet: you would be first in line.')).toBeVisible()
  await expectAccessible(waiter)
  await boxes(waiter).first().check()
  await goOn(waiter).click()
  await expect(waiter.getByLabel('Put me on the waitlist where a shift is full')).toBeChecked()
  await introduce(waiter, second)
  await expect(waiter.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  await confirm(waiter, second)
  await expect(waiter.getByText('You are number 1 in line.')).toBeVisible()
  await expectAccessible(waiter)

  await page.goto('/my/riverbend/shifts')
  await page.getByRole('link', { name: /^Cancel or swap/ }).click()
  await page.getByRole('button', { name: 'Cancel my place' }).click()
  await expect(page.getByRole('status')).toContainText('It is cancelled.')

  const letter = await mails(waiter, second.email, /free|place/i)
  const link = letter.links.find((l) => l.includes('/offer/'))
  expect(link, 'the mail carries the link').toBeDefined()
  await waiter.goto(link ?? '')
  await expect(waiter.getByRole('heading', { name: 'A place is free for you' })).toBeVisible()
  await expectAccessible(waiter)
  await expectTargets(waiter, 44)
  await waiter.getByRole('button', { name: 'Take the place' }).click()
  await expect(waiter.getByRole('heading', { name: 'You have the place' })).toBeVisible()
  await expectAccessible(waiter)
  await waiter.goto('/my/riverbend/shifts')
  await expect(waiter.getByRole('heading', { name: of.title })).toBeVisible()
  await other.close()
})

test('a volunteer swaps, says what they can do, and enters hours', async ({ page, staff }) => {
  test.slow()
  const of = await work(staff, { skills: ['lifting'] })
  await shift(staff, of, 5)
  const who = donor()
  await join(page, of, who)
  await shift(staff, of, 7, 14)

  await page.goto('/my/riverbend/shifts')
  await page.getByRole('link', { name: /^Cancel or swap/ }).click()
  await page.getByRole('radio').first().check()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Swap' }).click()
  await expect(page.getByRole('status')).toContainText('Swapped.')
  await expect(page.locator('strong', { hasText: '14:00–17:00' })).toBeVisible()

  await page.getByRole('link', { name: 'See and change it' }).click()
  await expectAccessible(page)
  await expectTargets(page, 44)
  await page.getByRole('checkbox', { name: 'lifting' }).check()
  await page.getByLabel('Something else').fill('First aid, Driving')
  await page.getByRole('checkbox', { name: 'Monday Morning' }).check()
  await page.getByRole('checkbox', { name: /^Remind me/ }).uncheck()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('status')).toHaveText('Saved.')
  await expect(page.getByRole('checkbox', { name: 'Monday Morning' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: /^Remind me/ })).not.toBeChecked()
  await expect(page.getByLabel('Something else')).toHaveValue(/driving, first aid/)

  await page.goto('/my/riverbend/shifts/hours')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Enter these hours' }).click()
  await expect(page.getByRole('alert')).toContainText('Please check')
  await expectAccessible(page)
  await page.getByLabel('What did you help with?').selectOption({ label: `${of.title} (${of.role})` })
  await page.getByLabel('On which day?').fill(new Date(Date.now() - 86_400_000).toISOString().slice(0, 10))
  await page.getByLabel('Hours', { exact: true }).fill('2')
  await page.getByLabel('Minutes').fill('30')
  await page.getByRole('button', { name: 'Enter these hours' }).click()
  await expect(page.getByRole('status')).toContainText('Your hours are entered')
  await expect(page.getByText('2 h 30 min').first()).toBeVisible()
  await expectAccessible(page)

  await page.goto('/my/riverbend')
  await page.getByRole('link', { name: 'My shifts' }).click()
  await expect(page.getByText('Waiting for approval')).toBeVisible()
})

test('by keyboard alone from the list to the mail', async ({ page, staff }) => {
  const of = await work(staff)
  await shift(staff, of, 5)
  const who = donor()
  await page.goto(list(of))
  await tabTo(page, boxes(page).first())
  await page.keyboard.press('Space')
  await expect(page.locator('[data-count]')).toHaveText('1 shift chosen')
  await tabTo(page, goOn(page))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByLabel('First name'))
  await page.keyboard.type(who.first)
  await tabTo(page, page.getByLabel('E-mail address'))
  await page.keyboard.type(who.email)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Check your mail')
})

test('a shift that is called off under an open page is said, and nothing typed is lost', async ({
  page,
  staff,
}) => {
  const of = await work(staff)
  const gone = await shift(staff, of, 5)
  await shift(staff, of, 6)
  const who = donor()
  await page.goto(list(of))
  for (const box of await boxes(page).all()) await box.check()
  await goOn(page).click()
  await expect(page.getByRole('group', { name: 'Your choice' }).getByRole('checkbox')).toHaveCount(2)
  await staff.call('POST', `/shifts/${gone}/cancel`, {
    scope: 'one',
    reason: 'The hall is flooded.',
    message: '',
  })
  await introduce(page, who)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('your places are held')
  await expect(page.getByRole('heading', { name: 'Not held' })).toBeVisible()
  await expect(page.getByText('This shift was cancelled.')).toBeVisible()
  await expectAccessible(page)
})

test('a link that is not ours says what to do', async ({ page }) => {
  await page.goto('/volunteer/riverbend/confirm/nothing')
  await expect(page.getByRole('heading', { name: 'This link does not work any more' })).toBeVisible()
  await expectAccessible(page)
  const answer = await page.goto('/volunteer/riverbend/offer/nothing')
  expect(answer?.status()).toBe(404)
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('shifts are found, chosen over a change of the filters, and confirmed', async ({ page, staff }) => {
    test.slow()
    const of = await work(staff)
    const another = await work(staff)
    await shift(staff, of, 5)
    await shift(staff, another, 6)
    const who = donor()
    await page.goto(list(of))
    await boxes(page).first().check()
    await page.getByLabel('Role').selectOption(another.role)
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect(page.getByText('1 shift chosen')).toBeVisible()
    await expect(page.getByRole('group', { name: 'Also chosen' }).getByRole('checkbox')).toBeChecked()
    await boxes(page).first().check()
    await goOn(page).click()
    await introduce(page, who)
    await confirm(page, who)
    await expect(page.getByRole('heading', { name: 'You have 2 places' })).toBeVisible()
    await page.getByRole('link', { name: 'Open My shifts' }).click()
    await page
      .getByRole('link', { name: /^Cancel or swap/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Cancel my place' }).click()
    await expect(page.getByRole('status')).toContainText('It is cancelled.')
  })
})
