import type { Page } from '@playwright/test'
import { expectAccessible, expectTargets } from './axe'
import {
  campaign,
  cards,
  donor,
  expect,
  fill,
  mails,
  pay,
  ready,
  Staff,
  tabTo,
  test,
  type Donor,
} from './fixtures'

// What donors do with a monthly gift or a pledge afterwards. None of these pages needs scripts; with them the same is done by keyboard.

const master = '5555555555554444'

/** later is a date so many months from now, on that day of the month or its last, as pages write it. */
function later(months: number, day = new Date().getDate()): string {
  const now = new Date()
  const last = new Date(now.getFullYear(), now.getMonth() + months + 1, 0).getDate()
  const at = new Date(now.getFullYear(), now.getMonth() + months, Math.min(day, last))
  return at.toLocaleDateString('en', { dateStyle: 'long' })
}

async function giveMonthly(page: Page, who: Donor): Promise<void> {
  await page.goto(campaign)
  await ready(page)
  await page.getByRole('radio', { name: 'Monthly' }).check()
  await fill(page, who)
  await page.getByRole('button', { name: 'Give $25 a month' }).click()
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /^Thank you/ })).toBeVisible()
}

/** enter asks for the link, follows it and opens the only promise there is. */
async function enter(page: Page, who: Donor): Promise<void> {
  await page.goto('/my/riverbend')
  await page.getByLabel(/mail address/).fill(who.email)
  await page.getByRole('button', { name: /link/i }).click()
  const letter = await mails(page, who.email, /link/i)
  await page.goto(letter.links.find((l) => l.includes('/s/')) ?? '')
  await page.getByRole('button', { name: 'Open my page' }).click()
  await expect(page.getByRole('heading', { name: 'Monthly gifts and pledges' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: /^See or change it/ }).click()
}

/** open unfolds one of the changes. */
async function open(page: Page, what: string): Promise<void> {
  await page.locator('summary', { hasText: what }).click()
}

/** saveCard fills the sandbox's page on which nothing is paid. */
async function saveCard(page: Page, card: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Save a card' })).toBeVisible()
  await page.getByLabel('Card number').fill(card)
  await page.getByLabel(/^Expiry/).fill('12 / 34')
  await page.getByLabel('Security code').fill('123')
  await page.getByLabel('Name on the card').fill('Grace Hopper')
  await page.getByRole('button', { name: 'Save card' }).click()
}

/** inbox lists the subjects of what was mailed to somebody. */
async function inbox(page: Page, who: Donor): Promise<string[]> {
  const box = await page.context().newPage()
  await box.goto('/dev/outbox')
  const lines = await box.locator('li').filter({ hasText: who.email }).allInnerTexts()
  await box.close()
  return lines
}

const told = (page: Page) => page.getByRole('status')

test('a monthly gift is skipped, paused, changed and cancelled from the mailed link', async ({ page }) => {
  test.slow()
  const who = donor()
  await giveMonthly(page, who)
  await mails(page, who.email, /monthly/i)
  await enter(page, who)
  await expect(page.getByRole('heading', { name: 'Your monthly gift of $25.00' })).toBeVisible()
  await expect(page.getByText(`Your next gift of $25.00 will be charged on ${later(1)}.`)).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 44)

  await open(page, 'Leave the next gift out')
  await expect(page.getByText(`Your gift of $25.00 on ${later(1)} is left out.`)).toBeVisible()
  await page.getByRole('button', { name: `Leave out ${later(1)}` }).click()
  await expect(told(page)).toContainText('The next gift is left out.')
  await expect(page.getByText(`Your next gift of $25.00 will be charged on ${later(2)}.`)).toBeVisible()
  await expectAccessible(page)

  await open(page, 'Pause it')
  await page.getByRole('radio', { name: `2 months: next gift on ${later(4)}` }).check()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(told(page)).toContainText('Your gift is paused.')
  await expect(
    page.getByText(`It is paused. Your next gift of $25.00 will be charged on ${later(4)}`),
  ).toBeVisible()
  await expectAccessible(page)
  await open(page, 'End the pause now')
  await page.getByRole('button', { name: 'End the pause' }).click()
  await expect(told(page)).toContainText('The pause is over.')

  await open(page, 'Another amount')
  await page.getByLabel(/New amount/).fill('0')
  await page.getByRole('button', { name: 'Change the amount' }).click()
  const summary = page.getByRole('alert')
  await expect(summary).toContainText('This amount is smaller than we can accept.')
  await expectAccessible(page)
  await page.getByLabel(/New amount/).fill('40')
  await page.getByRole('button', { name: 'Change the amount' }).click()
  await expect(told(page)).toContainText('The amount is changed.')
  await expect(page.getByText(/^Your next gift of \$40\.00 will be charged on/)).toBeVisible()

  await open(page, 'Another day of the month')
  const option = page.getByLabel(/^Day of the month/).locator('option[value="31"]')
  const first = (await option.innerText()).replace('31: ', '')
  await page.getByLabel(/^Day of the month/).selectOption('31')
  await page.getByRole('button', { name: 'Change the day' }).click()
  await expect(told(page)).toContainText('The day is changed.')
  await expect(page.getByText(`Your next gift of $40.00 will be charged on ${first}.`)).toBeVisible()

  await page.getByRole('link', { name: 'Cancel this monthly gift' }).click()
  await expect(page.getByRole('heading', { name: 'Cancel your monthly gift of $40.00?' })).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 44)
  await page.getByLabel(/tell us why/).fill('I am moving away.')
  await page.getByRole('button', { name: 'Cancel my monthly gift' }).click()
  await expect(told(page)).toContainText('It is cancelled. Nothing more is charged.')
  await expect(page.getByText('Change it')).toHaveCount(0)
  await expectAccessible(page)

  await mails(page, who.email, /has ended/)
  const letters = (await inbox(page, who)).join('\n')
  for (const change of [
    'One payment is left out',
    'is paused',
    'goes on',
    'has a new amount',
    'has a new day',
  ])
    expect(letters, 'each change is confirmed by a mail').toContain(change)
})

test('by keyboard alone a gift is paused and then cancelled', async ({ page }) => {
  const who = donor()
  await giveMonthly(page, who)
  await enter(page, who)
  await tabTo(page, page.locator('summary', { hasText: 'Pause it' }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('radio', { name: /^1 month:/ }))
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('radio', { name: /^2 months:/ })).toBeChecked()
  await tabTo(page, page.getByRole('button', { name: 'Pause', exact: true }))
  await page.keyboard.press('Enter')
  await expect(told(page)).toContainText('Your gift is paused.')
  await tabTo(page, page.getByRole('link', { name: 'Cancel this monthly gift' }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Cancel my monthly gift' }))
  await page.keyboard.press('Enter')
  await expect(told(page)).toContainText('It is cancelled.')
})

test('another card is saved for everything, and the page waits until it is', async ({ page }) => {
  test.slow()
  const who = donor()
  await giveMonthly(page, who)
  await enter(page, who)
  await open(page, 'Save another card')
  await expect(page.getByText('Now: Visa ending in 4242.')).toBeVisible()
  await expect(page.getByText('Nothing is charged at once.')).toBeVisible()
  const promise = page.url()
  await page.getByRole('button', { name: 'Enter another card' }).click()
  await expect(page.getByRole('heading', { name: 'Save a card' })).toBeVisible()
  await page.goto(`${promise}?card=saving`) // back without a card
  await expect(page.getByText('Did you leave the page of our payment service')).toBeVisible()
  await expectAccessible(page)
  await open(page, 'Save another card')
  await page.getByRole('button', { name: 'Enter another card' }).click()
  await saveCard(page, master)
  await expect(page.getByText('Your new card is saved. We charge it from now on.')).toBeVisible()
  await expect(page.getByText('Mastercard ending in 4444').first()).toBeVisible()
  await expectAccessible(page)
  await mails(page, who.email, /Your card for Riverbend Trust is saved/)
})

test('without scripts a gift is changed all the same', async ({ page, browser, baseURL }) => {
  const who = donor()
  await giveMonthly(page, who)
  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL ?? '' })
  const quiet = await plain.newPage()
  await quiet.goto('/my/riverbend')
  await quiet.getByLabel(/mail address/).fill(who.email)
  await quiet.getByRole('button', { name: /link/i }).click()
  const letter = await mails(page, who.email, /link/i)
  await quiet.goto(letter.links.find((l) => l.includes('/s/')) ?? '')
  await quiet.getByRole('button', { name: 'Open my page' }).click()
  await quiet.getByRole('link', { name: /^See or change it/ }).click()
  await open(quiet, 'Pause it')
  await quiet.getByRole('radio', { name: /^Until a date/ }).check()
  const until = new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10)
  await quiet.getByLabel('Pause until').fill(until)
  await quiet.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(quiet.getByRole('status')).toContainText('Your gift is paused.')
  await plain.close()
})

test('one payment of a pledge is made by the link in a mail', async ({ page }) => {
  test.slow()
  const who = donor()
  const staff = await Staff.signIn(page.request)
  const person = await staff.call<{ id: string }>('POST', '/people', {
    first_name: who.first,
    last_name: who.last,
    email: who.email,
  })
  const { items } = await staff.call<{ items: { id: string; funds: { id: string }[] }[] }>('GET', '/causes')
  await staff.call('POST', '/pledges', {
    person_id: person.id,
    total: { amount_minor: 30_000, currency: 'USD' },
    count: 3,
    unit: 'month',
    every: 1,
    first_on: new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10),
    fund_id: items[0]?.funds[0]?.id,
    method: 'link',
    remind: { before_days: 30, every_days: 0, at_most: 1 },
  })
  const letter = await mails(page, who.email, /is due on/)
  await page.context().clearCookies()
  const link = letter.links.find((l) => l.includes('/pay/')) ?? ''
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'Your payment of $100.00' })).toBeVisible()
  await expect(page.getByText('Payment 1 of 3 of your pledge of $300.00')).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 44)
  await page.getByRole('button', { name: 'Pay $100.00' }).click()
  await expect(page.getByRole('heading', { name: 'Pay $100.00' })).toBeVisible()
  await page.goto(`${link}?state=returned`) // back without paying
  await expect(page.getByText('Did you leave the payment page without paying?')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Go back to the payment' }).click()
  await page.getByRole('button', { name: 'Pay $100.00' }).click()
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: 'Thank you, it is paid' })).toBeVisible()
  await expectAccessible(page)
  await mails(page, who.email, /receipt/i)
})
