import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expectAccessible } from './axe'
import { cards, donor, expect, fill, pay, Staff, test } from './fixtures'

// Host pages are served from ports of their own: other origins, as nonprofits' own sites are. The organization names three of them, one
// for each kind of screen, so that runs side by side agree on the list.
const named = { phone: 18_211, desktop: 18_212 }

const hosts: Server[] = []
test.afterEach(() => {
  for (const host of hosts.splice(0)) host.close()
})

async function serveHost(ours: string, port: number): Promise<string> {
  const host = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Our site</title><main><h1>Our site</h1>
      <script src="${ours}/embed.js" async></script>
      <give-form campaign="riverbend/library" amount="30"><a href="${ours}/give/riverbend/library">Give</a></give-form></main>`)
  })
  hosts.push(host)
  await new Promise<void>((listening) => host.listen(port, '127.0.0.1', listening))
  return `http://127.0.0.1:${(host.address() as AddressInfo).port}/`
}

test('a site that the organization named shows the form in its full height', async ({
  page,
  request,
  baseURL,
  quiet,
}, info) => {
  const staff = await Staff.signIn(request)
  await staff.call('PATCH', '/organization', {
    embed_origins: Object.values(named).map((port) => `http://127.0.0.1:${port}`),
  })
  const site = await serveHost(baseURL ?? '', named[info.project.name as keyof typeof named])
  const frame = page.frameLocator('give-form iframe')
  // What the public may see of an organization is up to two seconds old.
  await expect(async () => {
    quiet.length = 0
    await page.goto(site)
    await expect(frame.locator('form[data-live]')).toBeVisible({ timeout: 2_000 })
  }).toPass()
  await expectAccessible(page)
  const heights = () =>
    Promise.all([
      page.locator('give-form iframe').evaluate((f) => f.getBoundingClientRect().height),
      frame.locator('html').evaluate((h) => h.getBoundingClientRect().height),
    ])
  await expect
    .poll(async () => {
      const [outer, inner] = await heights()
      return Math.abs(outer - Math.ceil(inner))
    })
    .toBeLessThan(2)

  const who = donor()
  await frame.getByLabel('First name').fill(who.first)
  await frame.getByLabel('Last name').fill(who.last)
  await frame.getByLabel('Email for your receipt').fill(who.email)
  await frame.getByRole('button', { name: 'Donate $30' }).click()
  await expect(page.getByRole('heading', { name: /^Pay /, level: 1 })).toBeVisible() // the whole window, never a frame
  await pay(page, cards.good)
  await expect(page.getByRole('heading', { name: /^Thank you/ })).toBeVisible()
})

test('a site that the organization has not named cannot frame the form', async ({ page, quiet, baseURL }) => {
  await page.goto(await serveHost(baseURL ?? '', 0))
  await expect(page.locator('give-form iframe')).toHaveAttribute('title', 'Donation form')
  await expect(page.frameLocator('give-form iframe').getByRole('button', { name: /^Donate/ })).toHaveCount(0)
  quiet.length = 0 // the browser says why it refused
})

test('the embedded page keeps to itself', async ({ page }) => {
  await page.goto('/give/riverbend/library?embed=1')
  await expect(page.locator('form[data-live]')).toBeVisible()
  await fill(page, donor())
  await expect(page.getByRole('contentinfo')).toHaveCount(0)
})
