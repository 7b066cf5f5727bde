import { expectAccessible } from './axe'
import { donor, expect, Staff, test } from './fixtures'

// Every state of the public pages that the donor's journey does not pass through, looked at by axe.

test('a campaign that has ended thanks, and takes nothing', async ({ page, request }) => {
  const staff = await Staff.signIn(request)
  const made = await staff.campaign('A campaign that ends')
  await staff.call('POST', `/campaigns/${made.id}/end`)
  await page.goto(`/give/riverbend/${made.slug}`)
  await expect(page.getByRole('heading', { name: 'This campaign has ended' })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Donate/ })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Rebuild the Riverbend school library' })).toBeVisible()
  await expectAccessible(page)
})

test('a campaign that has not begun says when it does', async ({ page, request }) => {
  const staff = await Staff.signIn(request)
  const made = await staff.campaign('A campaign to come', { starts_on: '2099-01-01' })
  await page.goto(`/give/riverbend/${made.slug}`)
  await expect(page.getByText('You can give from January 1, 2099.')).toBeVisible()
  await expectAccessible(page)
})

test('a campaign without a goal, gifts or fee cover is whole too', async ({ page, request }) => {
  const staff = await Staff.signIn(request)
  const made = await staff.campaign('A quiet campaign', {
    offer_fee_cover: false,
    show_donors: false,
    suggested: [1000],
  })
  await page.goto(`/give/riverbend/${made.slug}`)
  await expect(page.locator('form[data-live]')).toBeVisible()
  await expect(page.getByText('$0 raised')).toBeVisible()
  await expect(page.getByRole('progressbar')).toHaveCount(0)
  await expect(page.getByRole('checkbox')).toHaveCount(1)
  await page.getByText('Add a message').click()
  await expect(page.getByText('Only Riverbend Trust reads it.')).toBeVisible()
  await expect(page.getByLabel('Show on this page')).toHaveCount(0)
  await expectAccessible(page)
})

test('a payment that is not confirmed yet, then a card page that closed', async ({ page, request }) => {
  const who = donor()
  const started = await request.post('/api/v1/public/checkouts', {
    data: {
      organization: 'riverbend',
      campaign: 'library',
      amount: { amount_minor: 4200, currency: 'USD' },
      first_name: who.first,
      last_name: who.last,
      email: who.email,
      form_token: crypto.randomUUID(),
    },
  })
  expect(started.status()).toBe(201)
  const { reference, redirect_url } = (await started.json()) as { reference: string; redirect_url: string }
  const thanks = `/give/riverbend/library/thanks/${reference}`
  await page.goto(thanks)
  await expect(page.getByRole('heading', { name: 'We are confirming your payment' })).toBeVisible()
  await expectAccessible(page)

  await page.goto(redirect_url)
  await page.getByText('Sandbox tools').click()
  await page.getByRole('button', { name: 'Let this session expire' }).click()
  await page.goto(thanks)
  await expect(page.getByRole('heading', { name: 'Your gift did not go through' })).toBeVisible()
  await expect(page.getByText('Nothing was charged.')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Try again' }).click()
  await expect(page.getByRole('button', { name: 'Donate $42' })).toBeVisible()
})

test('a form that does not come from our page is refused kindly', async ({ page }) => {
  await page.goto('/give/riverbend/library')
  await page.evaluate(() => {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = '/give/riverbend/library'
    document.body.append(form)
    form.submit()
  })
  await expect(page.getByRole('heading', { name: 'We could not accept that form' })).toBeVisible()
  await expectAccessible(page)
})
