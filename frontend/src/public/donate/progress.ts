// The page's totals follow the campaign while somebody looks at them: one small question every five seconds, answered 304 when nothing
// moved. Changes are announced at most once a minute.

import { t } from '../../lib/t'
import { short, type Currency } from './amount'

interface Money {
  amount_minor: number
  currency: string
}

export interface Progress {
  raised: Money
  goal: Money
  percent: number
  pledged: Money
  gift_count: number
  recent: { name: string; amount: Money | null; comment: string; at: string }[]
}

const EVERY = 5_000
const AFTER_FAILURE = 30_000
const ANNOUNCE_EVERY = 60_000

export function followProgress(campaign: {
  organization: string
  campaign: string
  currency: Currency
}): void {
  const url = `/api/v1/public/campaigns/${campaign.organization}/${campaign.campaign}/progress`
  let known = ''
  let announced = Date.now()

  async function look(): Promise<number> {
    if (document.hidden) return EVERY
    try {
      const response = await fetch(url, { cache: 'no-cache', headers: { Accept: 'application/json' } })
      if (!response.ok) return AFTER_FAILURE
      const text = await response.text()
      if (text !== known) {
        const progress = JSON.parse(text) as Progress
        show(progress, campaign.currency)
        const moved = known !== ''
        known = text
        if (moved && Date.now() - announced >= ANNOUNCE_EVERY) {
          announced = Date.now()
          announce(progress, campaign.currency)
        }
      }
      return EVERY
    } catch {
      return AFTER_FAILURE
    }
  }

  const again = async () => void setTimeout(again, await look())
  setTimeout(again, EVERY)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void look()
  })
}

/** show writes a progress into the page. */
export function show(progress: Progress, currency: Currency, now = Date.now()): void {
  const raised = t('give.raised', { Amount: short(Math.max(0, progress.raised.amount_minor), currency) })
  for (const element of document.querySelectorAll('[data-raised]')) element.textContent = raised
  for (const bar of document.querySelectorAll<HTMLProgressElement>('[data-bar]')) {
    bar.value = Math.min(progress.percent, 100)
    bar.setAttribute('aria-label', t('give.goal_words', { Percent: progress.percent }))
  }
  for (const element of document.querySelectorAll('[data-count]'))
    element.textContent = t('give.gifts', { Count: progress.gift_count })
  const pledged = short(progress.pledged.amount_minor, currency)
  for (const element of document.querySelectorAll('[data-pledged]'))
    element.textContent =
      progress.pledged.amount_minor > 0 ? ` · ${t('give.pledged', { Amount: pledged })}` : ''
  const list = document.querySelector('[data-gifts]')
  list?.replaceChildren(...progress.recent.map((gift) => line(gift, currency, now)))
  document.querySelector('[data-no-gifts]')?.toggleAttribute('hidden', progress.recent.length > 0)
}

function announce(progress: Progress, currency: Currency): void {
  const live = document.getElementById('live')
  if (live)
    live.textContent = t('give.live_total', {
      Amount: short(progress.raised.amount_minor, currency),
      Percent: progress.percent,
    })
}

function line(gift: Progress['recent'][number], currency: Currency, now: number): HTMLLIElement {
  const item = document.createElement('li')
  const head = document.createElement('p')
  const name = document.createElement('strong')
  name.textContent = gift.name || t('give.anonymous')
  head.append(name, ' ')
  if (gift.amount) {
    const sum = document.createElement('span')
    sum.className = 'gift-sum'
    sum.textContent = short(gift.amount.amount_minor, currency)
    head.append(sum, ' ')
  }
  const time = document.createElement('time')
  time.className = 'muted small'
  time.dateTime = gift.at
  time.textContent = ago(new Date(gift.at), now)
  head.append(time)
  item.append(head)
  if (gift.comment) {
    const words = document.createElement('p')
    words.className = 'gift-words'
    words.textContent = gift.comment
    item.append(words)
  }
  return item
}

/** ago is how long ago something was, in the words Go uses; a month and more is a date. */
export function ago(at: Date, now: number): string {
  const minutes = Math.floor((now - at.getTime()) / 60_000)
  if (minutes < 1) return t('give.ago_now')
  if (minutes < 60) return t('give.ago_minutes', { Count: minutes })
  if (minutes < 12 * 60) return t('give.ago_hours', { Count: Math.floor(minutes / 60) })
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime()
  const days = Math.round((midnight(new Date(now)) - midnight(at)) / 86_400_000)
  if (days === 0) return t('give.ago_today')
  if (days < 30) return t('give.ago_days', { Count: days })
  return new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'long' }).format(at)
}
