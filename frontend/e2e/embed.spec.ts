import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './fixtures'

// The host page is served from a port of its own: another origin, as on a nonprofit's own site.
let host: Server
let address: string

test.beforeAll(async ({ baseURL }) => {
  host = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><html lang="en"><title>Our site</title><h1>Our site</h1>
      <script src="${baseURL}/embed.js" async></script>
      <give-form campaign="riverbend/library"><a href="${baseURL}/give/riverbend/library">Give</a></give-form>`)
  })
  await new Promise<void>((listening) => host.listen(0, '127.0.0.1', listening))
  address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/`
})

test.afterAll(() => void host.close())

test('a site that the organization has not named cannot frame the form', async ({ page, quiet }) => {
  await page.goto(address)
  const frame = page.locator('give-form iframe')
  await expect(frame).toHaveAttribute('title', 'Donation form')
  await expect(page.frameLocator('give-form iframe').getByRole('button', { name: /^Donate/ })).toHaveCount(0)
  quiet.length = 0 // the browser says why it refused
})

test('the embedded page tells its height and keeps to itself', async ({ page }) => {
  await page.goto('/give/riverbend/library?embed=1')
  await expect(page.getByRole('button', { name: /^Donate/ })).toBeVisible()
  await expect(page.getByRole('contentinfo')).toHaveCount(0)
})
