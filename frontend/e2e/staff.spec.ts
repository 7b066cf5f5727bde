import { expectAccessible } from './axe'
import { campaign, cards, donate, donor, expect, mails, owner, password, pay, ready } from './fixtures'
import { open, test } from './staff'

const pages: [path: string, heading: string | RegExp][] = [
  ['', 'Today'],
  ['/gifts', 'Gifts'],
  ['/gifts/new', 'Record a gift'],
  ['/people', 'People'],
  ['/people/new', /person/i],
  ['/campaigns', 'Campaigns'],
  ['/campaigns/new', 'New campaign'],
  ['/causes', /causes/i],
  ['/causes/new', 'New cause'],
  ['/ledger', /ledger|trial balance/i],
  ['/registry', 'Charity registry'],
  ['/settings', 'Organization'],
  ['/settings/receipts', 'Receipts'],
  ['/settings/team', 'Team'],
  ['/settings/tokens', 'API tokens'],
]

for (const [path, heading] of pages)
  test(`axe: /app/riverbend${path}`, async ({ signedIn: page }) => {
    await open(page, path, heading)
    await expectAccessible(page)
  })

test('axe: the components, and the door of the portal', async ({ signedIn: page }) => {
  await page.goto('/app/_ui')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectAccessible(page)
  await page.goto('/portal')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectAccessible(page)
})

test('the keyboard signs in, and a wrong password is told', async ({ page }) => {
  await page.goto('/app/sign-in')
  await page.getByLabel('E-mail').fill(owner)
  await page.keyboard.press('Tab')
  await page.keyboard.type('not the password')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert').first()).toContainText(/password/i)
  await expectAccessible(page)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible()
})

test('a gift online: staff see it, follow its money, and give a part back', async ({ signedIn: page }) => {
  const who = donor()
  await page.goto(campaign)
  await ready(page)
  await donate(page, who)
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /^Thank you/ })).toBeVisible()

  await open(page, '', 'Today')
  await page
    .getByRole('link', { name: `${who.first} ${who.last}` })
    .first()
    .click()
  await expect(
    page.getByRole('heading', { level: 1, name: `$50.00 from ${who.first} ${who.last}` }),
  ).toBeVisible()
  await expect(page.getByText(/^ch_/).first()).toBeVisible()
  await expect(page.getByText(/RB-\d{4}-\d{6}/).first()).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('button', { name: /^Refund/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Amount to refund').fill('20')
  await dialog.getByLabel(/why|reason/i).selectOption({ label: 'The donor asked for it' })
  await expectAccessible(page)
  await dialog.getByRole('button', { name: /Refund \$20/ }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Partly refunded').first()).toBeVisible() // without a reload
  const letter = await mails(page, who.email, /correct|replace|refund/i)
  expect(letter.text).toContain('$30.00')
})

test('a cheque, written down by hand', async ({ signedIn: page }) => {
  const who = donor()
  await open(page, '/gifts/new', 'Record a gift')
  await page.getByRole('radio', { name: 'Someone new' }).check()
  await page.getByLabel('First name').fill(who.first)
  await page.getByLabel('Last name').fill(who.last)
  await page.getByLabel(/e-mail/i).fill(who.email)
  await page.getByLabel('Amount').fill('120')
  await page.getByLabel(/Cheque number/).fill('004217')
  await page.getByLabel('Fund', { exact: true }).selectOption({ index: 1 })
  await expectAccessible(page)
  await page.getByRole('button', { name: /^Record \$120/ }).click()
  await expect(
    page.getByRole('heading', { level: 1, name: `$120.00 from ${who.first} ${who.last}` }),
  ).toBeVisible()
  await page.goto(`/app/riverbend/gifts?search=${who.last.toLowerCase()}`)
  await expect(page.getByText('$120.00').first()).toBeVisible()
})

test('a cause, its fund and a campaign with the preview beside it, published', async ({ signedIn: page }) => {
  const name = `Coats ${donor().last.slice(7)}`
  await open(page, '/causes/new', 'New cause')
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create cause' }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  await page.getByRole('button', { name: 'Add a fund' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Code').fill(name.slice(-6).toUpperCase())
  await dialog.getByLabel('Name').fill(`${name} fund`)
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText(`${name} fund`).first()).toBeVisible()
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByText('Published', { exact: true }).first()).toBeVisible()
  await expectAccessible(page)

  await open(page, '/campaigns/new', 'New campaign')
  await page.getByLabel('Title').fill(`${name} for the winter`)
  await page.getByLabel('In one sentence').fill('No child walks to school in the cold.')
  await page.getByLabel('Story').fill('It is **cold**.')
  await page.getByLabel('Cause').selectOption({ label: name })
  await expect(page.getByLabel('Fund').locator('option:checked')).toContainText(`${name} fund`) // the only one
  await page.getByLabel(/^Goal/).fill('2500')
  const preview = page.frameLocator('iframe').first()
  await expect(preview.getByRole('heading', { level: 1, name: `${name} for the winter` })).toBeVisible()
  await expect(preview.getByText('of $2,500')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByText('Live').first()).toBeVisible()
  const slug = `${name} for the winter`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  await page.goto(`/give/riverbend/${slug}`)
  await expect(page.getByRole('heading', { level: 1, name: `${name} for the winter` })).toBeVisible()
})

test('a colleague is invited, and comes', async ({ signedIn: page, browser }) => {
  const who = donor()
  await open(page, '/settings/team', 'Team')
  await page.getByRole('button', { name: 'Invite a colleague' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail').fill(who.email)
  await dialog.getByLabel('Role').selectOption({ label: 'Fundraiser' })
  await expectAccessible(page)
  await dialog.getByRole('button', { name: /invite|send/i }).click()
  await expect(page.getByText(who.email).first()).toBeVisible()

  const letter = await mails(page, who.email, /invit|join/i)
  const link = letter.links.find((l) => l.includes('accept-invitation'))
  expect(link, 'the mail carries the link').toBeDefined()
  const colleague = await (await browser.newContext()).newPage()
  await colleague.goto(link ?? '')
  await colleague.getByLabel(/name/i).fill('Grace Hopper')
  await colleague
    .getByLabel(/password/i)
    .first()
    .fill('a long and lovely pass phrase')
  await expectAccessible(colleague)
  await colleague.getByRole('button', { name: /join|accept/i }).click()
  await expect(colleague.getByRole('heading', { name: 'Today' })).toBeVisible()
  await expect(colleague.getByRole('link', { name: 'Ledger' })).toHaveCount(0) // a fundraiser has no business there
  await colleague.context().close()
})
