// What several journeys need: the demonstration's names, filling the giving form, and paying on the sandbox's card page.

import { expect, test as base, type Page } from '@playwright/test'

export const campaign = '/give/riverbend/library'
export const password = 'many-small-streams'
export const owner = 'owner@riverbend.example'

export const cards = {
  good: '4242424242424242',
  declined: '4000000000000002',
  challenge: '4000002500003155',
}

export interface Donor {
  first: string
  last: string
  email: string
}

let count = 0

/** donor is somebody new, so that journeys running side by side do not meet. */
export function donor(): Donor {
  count++
  const name = `${Date.now().toString(36)}${process.pid}${count}`
  return { first: 'Grace', last: `Hopper-${name}`, email: `grace.${name}@example.org` }
}

/** test fails when a page logs an error: a refused script, style or request is a defect even if nobody sees it. */
export const test = base.extend<{ quiet: string[] }>({
  quiet: [
    async ({ page }, use) => {
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        // Answers that the journey provokes on purpose are asserted where they are shown.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          errors.push(message.text())
      })
      await use(errors)
      expect(errors).toEqual([])
    },
    { auto: true },
  ],
})
export { expect }

/** ready waits until the form is alive, so that a fast test does not type into HTML that is about to be replaced. */
export async function ready(page: Page): Promise<void> {
  await expect(page.locator('#donate form[data-live]')).toBeVisible()
}

export async function fill(page: Page, who: Donor): Promise<void> {
  await page.getByLabel('First name').fill(who.first)
  await page.getByLabel('Last name').fill(who.last)
  await page.getByLabel('Email for your receipt').fill(who.email)
}

export async function donate(page: Page, who: Donor, sum = 'Donate $50'): Promise<void> {
  await fill(page, who)
  await page.getByRole('button', { name: sum }).click()
  await expect(page.getByRole('heading', { name: /^Pay /, level: 1 })).toBeVisible()
}

/** pay fills the sandbox's card page. */
export async function pay(page: Page, card: string): Promise<void> {
  await page.getByLabel('Card number').fill(card)
  await page.getByLabel(/^Expiry/).fill('12 / 34')
  await page.getByLabel('Security code').fill('123')
  await page.getByLabel('Name on the card').fill('Grace Hopper')
  await page.getByRole('button', { name: /^Pay / }).click()
}
