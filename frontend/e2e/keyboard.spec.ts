import type { Locator, Page } from '@playwright/test'
import { campaign, cards, donate, donor, expect, mails, pay, ready } from './fixtures'
import { open, test } from './staff'

/** tabTo moves through the page as somebody without a mouse does, until the element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error('the keyboard does not get there')
}

test('the keyboard alone gives a part of a gift back', async ({ signedIn: page }) => {
  const who = donor()
  await page.goto(campaign)
  await ready(page)
  await donate(page, who)
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /^Thank you/ })).toBeVisible()

  await open(page, '', 'Today')
  await tabTo(page, page.getByRole('link', { name: `${who.first} ${who.last}` }).first())
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: new RegExp(who.last) })).toBeFocused()
  await tabTo(page, page.getByRole('button', { name: /^Refund/ }))
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await tabTo(page, dialog.getByLabel('Amount to refund'))
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('12.50')
  await tabTo(page, dialog.getByLabel(/why|reason/i))
  await page.keyboard.press('ArrowDown')
  await tabTo(page, dialog.getByRole('button', { name: /Refund \$12\.50/ }))
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Partly refunded').first()).toBeVisible({ timeout: 20_000 })
})

test('the keyboard alone opens and leaves the supporter page', async ({ page }) => {
  const who = donor()
  await page.goto(campaign)
  await ready(page)
  await donate(page, who)
  await pay(page, cards.good)
  await mails(page, who.email, /receipt/)

  await page.goto('/my/riverbend')
  await tabTo(page, page.getByLabel(/mail address/))
  await page.keyboard.type(who.email)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('status')).toBeVisible()
  const letter = await mails(page, who.email, /link|page at/i)
  await page.goto(letter.links.find((link) => link.includes('/s/')) ?? '')
  await tabTo(page, page.getByRole('button').first())
  await page.keyboard.press('Enter')
  await expect(page.getByText('$50.00').first()).toBeVisible()
  await tabTo(page, page.getByRole('button', { name: /sign out/i }))
  await page.keyboard.press('Enter')
  await expect(page.getByText('$50.00')).toHaveCount(0)
})
