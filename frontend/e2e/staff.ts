// Pages opened as somebody of the demonstration's staff. Each worker signs in once: sign-ins are counted, as they should be.

import { request, type Page } from '@playwright/test'
import { expect, owner, password, test as base } from './fixtures'

type State = Awaited<ReturnType<Awaited<ReturnType<typeof request.newContext>>['storageState']>>

export const test = base.extend<{ signedIn: Page }, { session: State }>({
  session: [
    async ({ browserName: _ }, use, info) => {
      const context = await request.newContext({ baseURL: info.project.use.baseURL })
      const answer = await context.post('/api/v1/session', { data: { email: owner, password } })
      expect(answer.status()).toBe(200)
      await use(await context.storageState())
      await context.dispose()
    },
    { scope: 'worker' },
  ],
  signedIn: async ({ page, session }, use) => {
    await page.context().addCookies(session.cookies)
    await use(page)
  },
})

/** open goes to a page of Riverbend's staff app and waits until it has its content. */
export async function open(page: Page, path: string, heading: string | RegExp): Promise<void> {
  await page.goto(`/app/riverbend${path}`)
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
}

/** api calls Riverbend's API as the page's own session, to arrange what a journey starts from. */
export async function api<T>(
  page: Page,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  data?: unknown,
): Promise<T> {
  const csrf = (await page.context().cookies()).find((c) => c.name === 'csrf')?.value ?? ''
  const answer = await page.request.fetch(`/api/v1${path}`, {
    method,
    headers: {
      'X-CSRF-Token': csrf,
      'X-Organization': 'riverbend',
      ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}),
    },
    data,
  })
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
  return (await answer.json()) as T
}
