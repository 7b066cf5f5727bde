import { cards, donate, donor, expect, pay, ready, Staff } from './fixtures'
import { open, test } from './staff'

test('the staff app and the public page count along without a reload', async ({
  signedIn: page,
  browser,
  baseURL,
}) => {
  const staff = await Staff.signIn(page.request)
  const made = await staff.campaign('Counting along')
  await open(page, `/campaigns/${made.id}`, 'Counting along')
  await expect(page.getByText(/\$50\.00 from/)).toHaveCount(0)

  const watching = await browser.newPage({ baseURL })
  await watching.goto(`/give/riverbend/${made.slug}`)
  await expect(watching.getByText(/\$50 raised/)).toHaveCount(0)

  const giving = await browser.newPage({ baseURL })
  await giving.goto(`/give/riverbend/${made.slug}`)
  await ready(giving)
  await donate(giving, donor())
  await pay(giving, cards.good)
  await expect(giving.getByRole('heading', { name: /^Thank you/ })).toBeVisible()

  await expect(page.getByText(/\$50\.00 from/)).toBeVisible()
  await expect(watching.getByText(/\$50 raised/).first()).toBeVisible()
  await giving.close()
  await watching.close()
})
