import { expectAccessible, expectTargets } from './axe'
import { campaign, cards, donor, expect, fill, mails, pay, ready, Staff, test } from './fixtures'

// Giving every month, and pledging, as donors do it. The dates are told by the browser's calendar, so they are computed here too.

/** later is the date so many months after today, on its day or the month's last. */
function later(months: number): string {
  const now = new Date()
  const last = new Date(now.getFullYear(), now.getMonth() + months + 1, 0).getDate()
  const at = new Date(now.getFullYear(), now.getMonth() + months, Math.min(now.getDate(), last))
  return at.toLocaleDateString('en', { dateStyle: 'long' })
}

test('a monthly gift: the page, the card, the thanks, and the mail that manages it', async ({ page }) => {
  await page.goto(campaign)
  await ready(page)
  await page.getByRole('radio', { name: 'Monthly' }).check()
  await expect(page.getByRole('radio', { name: /^\$25/ })).toBeChecked()
  await expect(page.getByText(`Your card is next charged on ${later(1)}, then every month`)).toBeVisible()
  await expect(page.getByText('You can change or stop it any time')).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 24)

  const who = donor()
  await fill(page, who)
  await page.getByRole('button', { name: 'Give $25 a month' }).click()
  await expect(page.getByRole('heading', { name: 'Pay $25.00' })).toBeVisible()
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: 'Thank you, Grace' })).toBeVisible()
  await expect(page.getByText(/Your first monthly gift of \$25 to/)).toBeVisible()
  await expect(page.getByText(`Your card is next charged $25.00 on ${later(1)}`)).toBeVisible()
  await expect(page.getByText('We mailed a link to g•••@example.org')).toBeVisible()
  await expectAccessible(page)

  const letter = await mails(page, who.email, /monthly/i)
  expect(letter.text).toContain('$25')
  expect(letter.text).toContain(later(1))
  expect(
    letter.links.some((link) => link.includes('/my/riverbend')),
    'it leads to where it is managed',
  ).toBe(true)
})

test('the fee cover is for every month too', async ({ page }) => {
  await page.goto(`${campaign}?frequency=monthly&amount=50`)
  await ready(page)
  await expect(page.getByRole('radio', { name: 'Monthly' })).toBeChecked()
  const cover = page.getByRole('checkbox', {
    name: /each month so that Riverbend Trust receives the full \$50/,
  })
  await expect(cover).not.toBeChecked()
  await cover.check()
  const button = page.getByRole('button', { name: /^Give \$\d+\.\d\d a month$/ })
  const total = /\$\d+\.\d\d/.exec(await button.innerText())?.[0] ?? 'none'
  await fill(page, donor())
  await button.click()
  await expect(page.getByRole('heading', { name: `Pay ${total}` })).toBeVisible()
  await pay(page, cards.good)
  await expect(page.getByText(`Your card is next charged ${total}`)).toBeVisible()
})

test('each way to give keeps its own amount, and mistakes stay where they belong', async ({ page }) => {
  await page.goto(campaign)
  await ready(page)
  await page.getByRole('radio', { name: /^\$100/ }).check()
  await page.getByRole('radio', { name: 'Monthly' }).check()
  await page.getByRole('radio', { name: 'Other' }).check()
  await page.getByLabel('Your amount a month ($)').fill('0.1')
  await page.getByRole('button', { name: 'Give monthly' }).click()
  const summary = page.getByRole('alert')
  await expect(summary).toBeFocused()
  await summary.getByRole('link', { name: /smaller/ }).click()
  await expect(page.getByLabel('Your amount a month ($)')).toBeFocused()
  await expectAccessible(page)
  await page.getByRole('radio', { name: 'Once' }).check()
  await expect(page.getByRole('button', { name: 'Donate $100' })).toBeVisible()
  await page.getByRole('radio', { name: 'Monthly' }).check()
  await expect(page.getByLabel('Your amount a month ($)')).toHaveValue('0.1')
})

test('the keyboard alone gives monthly', async ({ page }) => {
  await page.goto(campaign)
  await ready(page)
  await page.getByRole('radio', { name: 'Once' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'Monthly' })).toBeChecked()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('radio', { name: /^\$25/ })).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('button', { name: 'Give $50 a month' })).toBeVisible()
})

test('a pledge: its dates while it is typed, a card that is saved, and how it stands', async ({
  page,
  request,
}) => {
  const staff = await Staff.signIn(request)
  const made = await staff.campaign('A campaign that takes pledges', { offer_pledge: true })
  await page.goto(`/give/riverbend/${made.slug}`)
  await ready(page)
  await page.getByRole('radio', { name: 'Pledge' }).check()
  await page.getByLabel('Amount in total ($)').fill('1000')
  await expect(page.getByText('12 payments of $83.33, the last one of $83.37')).toBeVisible()
  await page.getByText('Every date and amount').click()
  const dates = page.getByRole('list', { name: 'Every date and amount' })
  await expect(dates.getByRole('listitem')).toHaveCount(12)
  await expect(dates.getByText(later(1))).toBeVisible()
  await expectAccessible(page)
  await expectTargets(page, 24)

  await page.getByLabel('Payments').fill('0')
  await page.getByRole('button', { name: 'Pledge' }).click()
  await expect(page.getByRole('alert')).toContainText('Choose between 1 and 120 payments.')
  await expectAccessible(page)
  await page.getByLabel('Payments').fill('4')
  await expect(page.getByText('4 payments of $250.00')).toBeVisible()

  await fill(page, donor())
  await page.getByRole('button', { name: 'Pledge $1,000' }).click()
  await page.getByLabel('Card number').fill(cards.good)
  await page.getByLabel(/^Expiry/).fill('12 / 34')
  await page.getByLabel('Security code').fill('123')
  await page.getByLabel('Name on the card').fill('Grace Hopper')
  await page.getByRole('button', { name: 'Save card', exact: true }).click()
  await expect(page).toHaveURL(/\/promise\/riverbend\//)
  await expect(page.getByText(/\$1,000/).first()).toBeVisible()
  await expectAccessible(page)
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('the same page gives monthly, with exact totals', async ({ page }) => {
    await page.goto(campaign)
    await expect(page.getByRole('button', { name: 'Donate $50' })).toBeVisible()
    await expect(page.getByText('Choose a monthly amount')).toBeHidden()
    await page.getByRole('radio', { name: 'Monthly' }).check()
    await expect(page.getByText('Choose a monthly amount')).toBeVisible()
    await expect(page.getByText('Choose an amount', { exact: true })).toBeHidden()
    await expect(page.getByText(/Your card is next charged on /)).toBeVisible()
    await page
      .getByRole('checkbox', { name: /each month so that Riverbend Trust receives the full \$25/ })
      .check()
    await expect(page.getByRole('button', { name: /^Give \$2\d\.\d\d a month$/ })).toBeVisible()
    await page.getByRole('checkbox', { name: /each month/ }).uncheck()
    await fill(page, donor())
    await page.getByRole('button', { name: 'Give $25 a month' }).click()
    await pay(page, cards.good)
    await expect(page.getByRole('heading', { name: /Thank you|We are confirming/ })).toBeVisible()
    await page.reload()
    await expect(page.getByText(/Your card is next charged \$25\.00 on/)).toBeVisible()
  })

  test('a link chooses monthly', async ({ page }) => {
    await page.goto(`${campaign}?frequency=monthly`)
    await expect(page.getByRole('button', { name: 'Give $25 a month' })).toBeVisible()
  })

  test('a pledge is shown before it is made', async ({ page, request }) => {
    const staff = await Staff.signIn(request)
    const made = await staff.campaign('A campaign that takes pledges', { offer_pledge: true })
    await page.goto(`/give/riverbend/${made.slug}?frequency=pledge`)
    await expect(page.getByText('Choose an amount', { exact: true })).toBeHidden()
    await page.getByLabel('Amount in total ($)').fill('1000')
    await fill(page, donor())
    await page.getByRole('button', { name: 'Show the dates and amounts' }).click()
    await expect(page.getByText('12 payments of $83.33, the last one of $83.37')).toBeVisible()
    await expect(page.getByRole('list', { name: 'Every date and amount' }).getByRole('listitem')).toHaveCount(
      12,
    )
    await expect(page.getByLabel('First name')).toHaveValue('Grace')
    await page.getByRole('button', { name: 'Pledge $1,000' }).click()
    await expect(page.getByLabel('Card number')).toBeVisible()
  })
})

for (const width of [390, 1280])
  test(`every way to give fits a window of ${width} pixels`, async ({ page, request }) => {
    const staff = await Staff.signIn(request)
    const made = await staff.campaign('A campaign for every window', { offer_pledge: true })
    await page.setViewportSize({ width, height: 900 })
    await page.goto(`/give/riverbend/${made.slug}`)
    await ready(page)
    for (const way of ['Once', 'Monthly', 'Pledge']) {
      await page.getByRole('radio', { name: way }).check()
      if (way === 'Pledge') await page.getByLabel('Amount in total ($)').fill('1000')
      await expectAccessible(page)
    }
  })

test('after a small amount was chosen, monthly is proposed once', async ({ page }) => {
  await page.goto(campaign)
  await ready(page)
  await page.getByRole('radio', { name: /^\$25 / }).check()
  await expect(page.getByText(/a month instead\?/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Donate $25' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'No, give once' }).click()
  await expect(page.getByText(/a month instead\?/)).toHaveCount(0)
  await page.getByRole('radio', { name: /^\$50/ }).check()
  await expect(page.getByText(/a month instead\?/)).toHaveCount(0)
  await page.reload()
  await ready(page)
  await page.getByRole('radio', { name: /^\$25 / }).check()
  await page.getByRole('button', { name: 'Yes, monthly' }).click()
  await expect(page.getByRole('radio', { name: 'Monthly' })).toBeChecked()
  await expect(page.getByRole('button', { name: 'Give $15 a month' })).toBeVisible()
})
