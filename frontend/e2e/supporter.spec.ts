import { expectAccessible } from './axe'
import { campaign, cards, donate, donor, expect, mails, pay, ready, test } from './fixtures'

test('the receipt comes by mail, and a mailed link opens the supporter page once', async ({
  page,
  browser,
}) => {
  const who = donor()
  await page.goto(campaign)
  await ready(page)
  await donate(page, who)
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /^Thank you/ })).toBeVisible()

  const receipt = await mails(page, who.email, /receipt RB-\d{4}-\d{6}/)
  expect(receipt.text).toContain('$50.00')
  expect(receipt.text).toMatch(/did not provide any goods or services/)

  await page.goto('/my/riverbend')
  await expectAccessible(page)
  await page.getByLabel(/mail address/).fill(who.email)
  await page.getByRole('button', { name: /link/i }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await expectAccessible(page)

  const letter = await mails(page, who.email, /link|page at/i)
  const link = letter.links.find((l) => l.includes('/s/'))
  expect(link, 'the mail carries the link').toBeDefined()
  await page.goto(link ?? '')
  await expectAccessible(page)
  await page.getByRole('button').click() // one press, so that programs that only follow links do not spend it
  await expect(page.getByRole('heading', { name: /gifts/i }).first()).toBeVisible()
  await expect(page.getByText('$50.00').first()).toBeVisible()
  await expectAccessible(page)

  const download = page.waitForEvent('download')
  await page
    .getByRole('link', { name: /receipt/i })
    .first()
    .click()
  expect((await download).suggestedFilename()).toMatch(/\.pdf$/)

  const phone = page.getByLabel(/phone/i)
  await phone.fill('+1 555 0199')
  await page.getByRole('button', { name: /save/i }).last().click()
  await expect(page.getByRole('status')).toBeVisible()
  await expect(phone).toHaveValue('+1 555 0199')

  await page.getByRole('button', { name: /sign out/i }).click()
  await page.goto('/my/riverbend')
  await expect(page.getByText('$50.00')).toHaveCount(0)

  const somebody = await browser.newPage()
  await somebody.goto(link ?? '')
  await somebody.getByRole('button').first().click()
  await expect(somebody.getByText('$50.00'), 'a link opens the page once').toHaveCount(0)
  await somebody.close()
})

test('asking for a link tells nobody whether an address is known', async ({ page }) => {
  await page.goto('/my/riverbend')
  await page.getByLabel(/mail address/).fill(`nobody.${Date.now()}@example.org`)
  await page.getByRole('button', { name: /link/i }).click()
  await expect(page.getByRole('status')).toBeVisible()
})

test('a link that is not ours says what to do', async ({ page }) => {
  await page.goto('/s/not-a-link')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectAccessible(page)
})
