import { campaign, expect, ready, test } from './fixtures'

// What a visitor really downloads, as it travels; the build's own budgets are checked by scripts/budget.mjs.

const KB = 1024

interface Weight {
  total: number
  code: number
  requests: number
  shift: number
}

const measure = (): Promise<Weight> =>
  new Promise((resolve) => {
    let shift = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
      })[])
        if (!entry.hadRecentInput) shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
    requestAnimationFrame(() => {
      const page = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming
      const files = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter(
        (r) => !/\.(jpg|png|svg)$/.test(new URL(r.name).pathname) && !r.name.includes('/api/'),
      )
      const scripts = files.reduce((sum, r) => sum + r.encodedBodySize, 0)
      resolve({
        total: page.encodedBodySize + scripts,
        code: scripts,
        requests: 1 + files.length,
        shift,
      })
    })
  })

test('the giving page stays within its budget', async ({ page }) => {
  await page.goto(campaign)
  await ready(page)
  const weight = await page.evaluate(measure)
  expect(weight.total).toBeLessThanOrEqual(50 * KB)
  expect(weight.code).toBeLessThanOrEqual(35 * KB)
  expect(weight.requests).toBeLessThanOrEqual(6)
  expect(weight.shift, 'nothing jumps when the form comes alive').toBeLessThanOrEqual(0.02)
})

test('a page without a form stays light', async ({ page }) => {
  await page.goto('/give/riverbend')
  const weight = await page.evaluate(measure)
  expect(weight.total).toBeLessThanOrEqual(25 * KB)
  expect(weight.code).toBeLessThanOrEqual(6 * KB)
  expect(weight.requests).toBeLessThanOrEqual(5)
})

test('the embed is small', async ({ request }) => {
  const answer = await request.get('/embed.js', { headers: { 'Accept-Encoding': 'gzip' } })
  expect(answer.ok()).toBe(true)
  expect((await answer.body()).length).toBeLessThanOrEqual(2 * KB)
})
