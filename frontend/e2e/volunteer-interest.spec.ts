import { expectAccessible, expectTargets } from './axe'
import { donor, expect, mails } from './fixtures'
import { open, test } from './staff'

// Somebody finds no shift that fits and offers to help; staff read it, answer, and see it on the person's page.

test('an offer of help is made, confirmed by mail, read and answered', async ({
  signedIn: page,
  browser,
}) => {
  test.slow()
  const who = donor()
  const context = await browser.newContext() // somebody else's browser
  const visitor = await context.newPage()

  await visitor.goto('/volunteer/riverbend?place=Nowhere')
  await expect(visitor.getByRole('heading', { name: 'No shift fits these filters' })).toBeVisible()
  await expectAccessible(visitor)
  await expect(visitor.getByRole('link', { name: 'Offer your help' })).toBeVisible()
  await visitor.goto('/volunteer/riverbend')
  await visitor.getByRole('link', { name: 'Tell us how you would like to help' }).click()
  await expect(visitor.getByRole('heading', { level: 1, name: 'Offer your help' })).toBeVisible()
  await expectAccessible(visitor)
  await expectTargets(visitor, 44)

  await visitor.getByLabel('How would you like to help?').fill('I have a <b>van</b>.')
  await visitor.getByRole('checkbox', { name: 'Saturday Morning' }).check()
  await visitor.getByRole('button', { name: 'Mail me the link' }).click()
  await expect(visitor.getByRole('alert')).toContainText('Please check 2 fields')
  await expect(visitor.getByLabel('E-mail address')).toHaveAttribute('aria-invalid', 'true')
  await expect(visitor.getByLabel('How would you like to help?')).toHaveValue('I have a <b>van</b>.')
  await expect(visitor.getByRole('checkbox', { name: 'Saturday Morning' })).toBeChecked()
  await expectAccessible(visitor)

  await visitor.getByLabel('First name').fill(who.first)
  await visitor.getByLabel('Last name').fill(who.last)
  await visitor.getByLabel('E-mail address').fill(who.email)
  await visitor.getByLabel(/^(Something else|Your skills)$/).fill('Welding, driving')
  await visitor.getByRole('button', { name: 'Mail me the link' }).click()
  await expect(visitor.getByRole('heading', { level: 1, name: 'Check your mail' })).toBeVisible()
  await expectAccessible(visitor)

  await open(page, '/volunteers/offers', 'Offers of help')
  await expect(page.getByText(who.last), 'nobody reads it before it is confirmed').toHaveCount(0)

  const letter = await mails(visitor, who.email, /confirm your offer of help/i)
  const link = letter.links.find((l) => l.includes('/interest/')) ?? ''
  await visitor.goto(link)
  await expect(visitor.getByRole('heading', { level: 1, name: `One more press, ${who.first}` })).toBeVisible()
  await expectAccessible(visitor)
  await visitor.getByRole('button', { name: 'Yes, send my offer' }).click()
  await expect(visitor.getByRole('heading', { level: 1, name: `Thank you, ${who.first}` })).toBeVisible()
  await expectAccessible(visitor)
  await visitor.goto(link)
  await visitor.getByRole('button', { name: 'Show what happens next' }).click()
  await visitor.getByRole('link', { name: 'Open My shifts' }).click()
  await expect(visitor.getByRole('heading', { level: 1, name: 'My shifts' })).toBeVisible()
  await context.close()

  const name = `${who.first} ${who.last}`
  await open(page, '/', /Today/)
  await page.getByRole('link', { name: 'Read the offers' }).click()
  const offer = page.getByRole('article', { name })
  await expect(offer).toHaveCount(1)
  await expect(offer).toContainText('I have a <b>van</b>.')
  await expect(offer).toContainText('driving, welding')
  await expect(offer).toContainText('Sat morning')
  await expectAccessible(page)
  await offer.getByRole('button', { name: `Mark as answered: ${name}` }).click()
  await expect(offer).toHaveCount(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(offer).toHaveCount(1)
  await offer.getByRole('button', { name: `Mark as answered: ${name}` }).click()
  await expect(offer).toHaveCount(0)
  await page.getByLabel('Status').selectOption('Answered')
  await expect(offer).toContainText(/Answered by/)
  await expectAccessible(page)

  await offer.getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  await expect(page.getByText('Offer of help, answered')).toBeVisible()
  await expectAccessible(page)
})
