import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** violations lists what axe finds on the page in the state it is in, each with the elements it blames; rules names which to ask, else all. */
export async function violations(page: Page, ...rules: string[]): Promise<string[]> {
  // Halfway from one colour to another nothing is as it was meant to be. The state is asked, never the promise "finished":
  // what a closed <details> hides moves too, and nobody keeps that promise.
  await page.waitForFunction(() =>
    document.getAnimations().every((a) => !(a instanceof CSSTransition) || a.playState !== 'running'),
  )
  const axe = new AxeBuilder({ page })
  if (rules.length > 0) axe.withRules(rules)
  else axe.withTags(tags)
  // Into a sandboxed frame axe cannot go; what it shows is looked at as a page of its own.
  if ((await page.locator('iframe[sandbox]').count()) > 0) axe.setLegacyMode()
  const found = await axe.analyze()
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`)
}

/** expectAccessible holds for every state of every page, by day and by night: axe finds nothing, and nothing is cut off sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await violations(page, 'color-contrast'), 'in the dark').toEqual([]) // nothing else depends on colours
  await page.emulateMedia({ colorScheme: null })
  const { content, screen } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }))
  expect(content, 'no sideways scrolling').toBeLessThanOrEqual(screen)
}

/** expectTargets checks that whatever can be pressed is large enough to be hit (WCAG 2.5.8; 44 px on public pages). */
export async function expectTargets(page: Page, least: number): Promise<void> {
  const small = await page.evaluate((least) => {
    const inline = (e: Element) => e.tagName === 'A' && getComputedStyle(e).display === 'inline'
    return [...document.querySelectorAll('button, a[href], select, textarea, input:not([type=hidden])')]
      .filter((e) => e.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && !inline(e))
      .filter((e) => !e.closest('[aria-hidden=true], .skip-link'))
      .map((e) => {
        const label = e instanceof HTMLInputElement ? e.labels?.[0] : undefined
        const boxes = [e, ...(label ? [label] : [])].map((x) => x.getBoundingClientRect())
        const height = Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top))
        return { what: e.outerHTML.slice(0, 80), height }
      })
      .filter((t) => t.height < least)
  }, least)
  expect(small).toEqual([])
}
