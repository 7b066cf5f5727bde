import { expectAccessible } from './axe'
import { campaign, cards, donor, expect, fill, pay, test } from './fixtures'

test.use({ javaScriptEnabled: false })

test('without scripts the same form leads to the card page and to the thanks', async ({ page }) => {
  await page.goto(campaign)
  await expect(page.getByText(/\(\$51\.\d\d in total\)/)).toBeVisible()
  await page.getByRole('radio', { name: /^\$100/ }).check()
  await expect(page.getByRole('button', { name: 'Donate $100' })).toBeVisible()
  await page.getByRole('checkbox', { name: /receives the full \$100/ }).check()
  await expect(page.getByRole('button', { name: /Donate \$10\d\.\d\d/ })).toBeVisible()
  await fill(page, donor())
  await page.getByRole('button', { name: /^Donate/ }).click()
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /Thank you|We are confirming/ })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Thank you, Grace' })).toBeVisible()
})

test('without scripts a mistake comes back with everything typed', async ({ page }) => {
  await page.goto(campaign)
  await page.getByRole('radio', { name: 'Other' }).check()
  await page.getByLabel('Your amount ($)').fill('12.345')
  await fill(page, { ...donor(), email: 'grace@' })
  await page.getByRole('button', { name: /^Donate/ }).click()
  await expect(page.getByRole('alert')).toContainText('Please check 2 fields')
  await expect(page.getByLabel('First name')).toHaveValue('Grace')
  await expect(page.getByLabel('Your amount ($)')).toHaveValue('12.345')
})

test('without scripts the other public pages work too', async ({ page }) => {
  for (const path of ['/', '/give/riverbend']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
})

test.describe('looked at by axe', () => {
  test.use({ javaScriptEnabled: true })

  for (const path of [
    '/',
    '/give/riverbend',
    '/give/riverbend/nothing-here',
    '/give/riverbend/library?embed=1',
  ])
    test(path, async ({ page }) => {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expectAccessible(page)
    })
})
