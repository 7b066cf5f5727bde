// What several journeys need: the demonstration's names, filling the giving form, and paying on the sandbox's card page.

import { expect, test as base, type APIRequestContext, type Locator, type Page } from '@playwright/test'

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

/** address is somebody's, so that journeys do not share the limits of one: forms and links are counted by address, as they should be. */
function address(): string {
  const part = () => Math.floor(Math.random() * 254) + 1
  return `10.${part()}.${part()}.${part()}`
}

/** test fails when a page logs an error: a refused script, style or request is a defect even if nobody sees it. */
export const test = base.extend<{ quiet: string[] }>({
  extraHTTPHeaders: async ({ extraHTTPHeaders }, use) => {
    await use({ ...extraHTTPHeaders, 'X-Forwarded-For': address() })
  },
  quiet: [
    async ({ page }, use) => {
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        // Answers that the journey provokes on purpose are asserted where they are shown; tools reach in vain into a
        // preview, where no script may run.
        if (
          message.type() === 'error' &&
          !/^(Failed to load resource|Blocked script execution)/.test(message.text())
        )
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

/** Staff calls the API as somebody signed in, to arrange what a journey starts from. */
export class Staff {
  readonly #request: APIRequestContext
  readonly #headers: Record<string, string>

  private constructor(request: APIRequestContext, headers: Record<string, string>) {
    this.#request = request
    this.#headers = headers
  }

  static async signIn(request: APIRequestContext, email = owner, organization = 'riverbend'): Promise<Staff> {
    const answer = await request.post('/api/v1/session', { data: { email, password } })
    expect(answer.status()).toBe(200)
    const { csrf_token } = (await answer.json()) as { csrf_token: string }
    return new Staff(request, { 'X-CSRF-Token': csrf_token, 'X-Organization': organization })
  }

  async call<T>(method: 'GET' | 'POST' | 'PATCH', path: string, data?: unknown): Promise<T> {
    const headers =
      method === 'POST' ? { ...this.#headers, 'Idempotency-Key': crypto.randomUUID() } : this.#headers
    const answer = await this.#request.fetch(`/api/v1${path}`, { method, headers, data })
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return answer.status() === 204 ? (undefined as T) : ((await answer.json()) as T)
  }

  /** campaign drafts and publishes one for the demonstration's first cause. */
  async campaign(title: string, fields: Record<string, unknown> = {}): Promise<{ id: string; slug: string }> {
    const { items } = await this.call<{ items: { id: string; funds: { id: string }[] }[] }>('GET', '/causes')
    const cause = items[0]
    const made = await this.call<{ id: string; slug: string }>('POST', '/campaigns', {
      title,
      slug: `e2e-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e6).toString(36)}`,
      cause_id: cause?.id,
      fund_id: cause?.funds[0]?.id,
      ...fields,
    })
    await this.call('POST', `/campaigns/${made.id}/publish`)
    return made
  }
}

export interface Mail {
  text: string
  links: string[]
}

/** mails waits for a mail to that address whose subject matches, and opens it in the development outbox. */
export async function mails(page: Page, to: string, subject: RegExp): Promise<Mail> {
  const box = await page.context().newPage()
  const line = box.locator('li').filter({ hasText: to }).filter({ hasText: subject })
  await expect(async () => {
    await box.goto('/dev/outbox')
    await expect(line.first()).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 60_000 })
  await line.first().getByRole('link').click()
  await expect(box.getByRole('heading', { level: 1 })).toHaveText(subject)
  const mail = {
    text: await box.locator('main').innerText(),
    links: await box
      .locator('.links a')
      .evaluateAll((links) => links.map((l) => l.getAttribute('href') ?? '')),
  }
  await box.close()
  return mail
}

/** tabTo moves through the page as somebody without a mouse does, until the element has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error('the keyboard does not get there')
}
