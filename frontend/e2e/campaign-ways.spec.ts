import { expectAccessible } from './axe'
import { expect, Staff } from './fixtures'
import { open, test } from './staff'

test('staff decide how a campaign lets people give, and see it at once', async ({ signedIn: page }) => {
  const staff = await Staff.signIn(page.request)
  const made = await staff.campaign('A campaign of many ways', {
    suggested: [2500, 5000],
    offer_pledge: false,
  })
  await open(page, `/campaigns/${made.id}`, 'A campaign of many ways')
  const preview = page.frameLocator('iframe')
  await expect(preview.getByRole('radio', { name: 'Monthly' })).toBeVisible()
  await expect(preview.getByRole('radio', { name: 'Pledge' })).toHaveCount(0)

  await page.getByLabel('Monthly amount 1').fill('7')
  await page.getByLabel('Let people pledge').check()
  await expect(preview.getByRole('radio', { name: 'Pledge' })).toBeVisible()
  await preview.getByRole('radio', { name: 'Monthly' }).check()
  await expect(preview.getByRole('radio', { name: '$7' })).toBeVisible()
  await page.evaluate(() => window.scrollTo(0, 0)) // axe takes what the sticky bar half covers for a small target
  await expectAccessible(page)

  await page.getByLabel('Monthly amount 2').fill('7.00')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Two amounts are the same.').first()).toBeVisible()
  await page.getByLabel('Monthly amount 2').fill('9')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Saved.', { exact: true }).first()).toBeVisible()

  await page.goto(`/give/riverbend/${made.slug}?frequency=monthly`)
  await expect(page.getByRole('radio', { name: '$9' })).toBeVisible()
  await expect(page.getByRole('radio', { name: 'Pledge' })).toBeVisible()
})
