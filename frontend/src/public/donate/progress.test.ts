import english from '../../locales/en.json'
import { setMessages, type Catalogue } from '../../lib/t'
import { ago, followProgress, show, type Progress } from './progress'

setMessages(english as Catalogue, 'en')

const usd = { code: 'USD', symbol: '$', decimals: 2, step: 1, least: 50, most: 99_999_999 }
const now = Date.UTC(2026, 10, 22, 12)
const progress: Progress = {
  raised: { amount_minor: 1_843_000, currency: 'USD' },
  goal: { amount_minor: 3_000_000, currency: 'USD' },
  percent: 61,
  pledged: { amount_minor: 0, currency: 'USD' },
  gift_count: 2,
  recent: [
    {
      name: 'Grace <b>',
      amount: { amount_minor: 5000, currency: 'USD' },
      comment: 'Read on',
      at: new Date(now).toISOString(),
    },
    { name: '', amount: null, comment: '', at: new Date(now - 3 * 86_400_000).toISOString() },
  ],
}

beforeEach(() => {
  document.body.innerHTML = `<p data-raised></p><progress data-bar max="100" value="0"></progress><p><span data-count></span><span data-pledged></span></p>
    <p data-no-gifts>none</p><ul data-gifts></ul><div id="live"></div>`
})

test('a progress is written into the page, names as text', () => {
  show(progress, usd, now)
  expect(document.querySelector('[data-raised]')).toHaveTextContent('$18,430 raised')
  expect(document.querySelector<HTMLProgressElement>('[data-bar]')?.value).toBe(61)
  expect(document.querySelector('[data-bar]')).toHaveAccessibleName('61% of the goal reached')
  expect(document.querySelector('[data-count]')).toHaveTextContent('2 gifts')
  const items = document.querySelectorAll('[data-gifts] li')
  expect(items[0]).toHaveTextContent('Grace <b> $50 just now')
  expect(items[1]).toHaveTextContent('Anonymous 3 days ago')
  expect(document.querySelector('[data-no-gifts]')).not.toBeVisible()
})

test('what is pledged is told apart from what was raised', () => {
  show({ ...progress, pledged: { amount_minor: 100_000, currency: 'USD' } }, usd, now)
  expect(document.querySelector('p:has([data-pledged])')).toHaveTextContent('2 gifts · $1,000 more pledged')
  show(progress, usd, now)
  expect(document.querySelector('[data-pledged]')).toBeEmptyDOMElement()
})

test('a goal that is passed fills the bar and no more', () => {
  show({ ...progress, percent: 250 }, usd, now)
  expect(document.querySelector<HTMLProgressElement>('[data-bar]')?.value).toBe(100)
})

test('times are told in words up to a month', () => {
  const minutes = (n: number) => ago(new Date(now - n * 60_000), now)
  expect(minutes(0)).toBe('just now')
  expect(minutes(1)).toBe('1 minute ago')
  expect(minutes(59)).toBe('59 minutes ago')
  expect(minutes(11 * 60)).toBe('11 hours ago')
  expect(minutes(31 * 24 * 60)).toMatch(/2026/)
})

test('it asks every five seconds and announces at most once a minute', async () => {
  vi.useFakeTimers({ now })
  let raised = 100
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    raised += 100
    return Promise.resolve(
      new Response(JSON.stringify({ ...progress, raised: { amount_minor: raised, currency: 'USD' } })),
    )
  })
  followProgress({ organization: 'riverbend', campaign: 'library', currency: usd })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked).toEqual(['/api/v1/public/campaigns/riverbend/library/progress'])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked).toHaveLength(5)
  expect(document.getElementById('live')).toBeEmptyDOMElement()
  await vi.advanceTimersByTimeAsync(40_000)
  expect(document.getElementById('live')).toHaveTextContent(/raised so far, 61% of the goal/)
  vi.unstubAllGlobals()
  vi.useRealTimers()
})
