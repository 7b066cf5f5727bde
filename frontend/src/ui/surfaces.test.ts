import { render, screen } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'
import { person, text } from '@lib/testing'
import Avatar, { initialsOf } from './Avatar.svelte'
import Badge from './Badge.svelte'
import Banner from './Banner.svelte'
import Card from './Card.svelte'
import Details from './Details.svelte'
import Empty from './Empty.svelte'
import GoalBar from './GoalBar.svelte'
import KeyValue from './KeyValue.svelte'
import Pager from './Pager.svelte'
import Progress from './Progress.svelte'
import Skeleton from './Skeleton.svelte'
import Stat from './Stat.svelte'
import Timeline from './Timeline.svelte'

const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' })

describe('surfaces', () => {
  it('a card with a title is a named region', () => {
    render(Card, { title: 'Contact', children: text('words') })
    expect(screen.getByRole('region', { name: 'Contact' })).toHaveTextContent('words')
  })

  it('a failure is announced and other banners are not', () => {
    const { unmount } = render(Banner, { tone: 'danger', title: 'Could not load gifts.' })
    expect(screen.getByRole('alert')).toHaveTextContent('Could not load gifts.')
    unmount()
    render(Banner, { tone: 'info', title: 'To know' })
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('a badge says its state in words', () => {
    render(Badge, { tone: 'success', children: text('Received') })
    expect(screen.getByText('Received')).toBeVisible()
  })

  it('an empty region says what, why and one thing to do', () => {
    render(Empty, {
      title: 'No gifts yet',
      text: 'They appear as they arrive.',
      actions: text('Record a gift'),
    })
    expect(screen.getByText('No gifts yet')).toBeVisible()
    expect(screen.getByText('Record a gift')).toBeVisible()
  })

  it('a skeleton tells screen readers that something is coming', () => {
    render(Skeleton, { lines: 2 })
    expect(screen.getByRole('status')).toHaveTextContent('Loading…')
  })

  it('initials are taken by character', () => {
    expect(initialsOf('Ada Lovelace')).toBe('AL')
    expect(initialsOf('  Ōsaka  kai 🌱')).toBe('Ō🌱')
    expect(initialsOf('')).toBe('')
    render(Avatar, { name: 'Ada Lovelace' })
    expect(screen.getByText('AL')).toHaveAttribute('aria-hidden', 'true')
  })

  it('details open by click', async () => {
    render(Details, { summary: 'More', children: text('the rest') })
    await person().click(screen.getByText('More'))
    expect(screen.getByRole('group')).toHaveAttribute('open')
  })
})

describe('figures', () => {
  it('a goal bar says in words what it draws, and never more than full', () => {
    render(GoalBar, { raised: usd(4500000), goal: usd(3000000) })
    expect(screen.getByText('$45,000 raised')).toBeVisible()
    expect(screen.getByText('of $30,000')).toBeVisible()
    expect(screen.getByRole('progressbar', { name: '$45,000 raised' })).toHaveAttribute('value', '3000000')
  })

  it('a goal bar without a goal has no bar', () => {
    render(GoalBar, { raised: usd(100) })
    expect(screen.queryByRole('progressbar')).toBeNull()
  })

  it('progress has a name and a text', () => {
    render(Progress, { label: 'Import running', value: 4, max: 10, text: '4 of 10 rows' })
    expect(screen.getByRole('progressbar', { name: 'Import running' })).toHaveAttribute('max', '10')
    expect(screen.getByText('4 of 10 rows')).toBeVisible()
  })

  it('a stat pairs its name and value', () => {
    render(Stat, { label: 'Lifetime', value: '$16,105.60' })
    expect(screen.getByRole('term')).toHaveTextContent('Lifetime')
    expect(screen.getByRole('definition')).toHaveTextContent('$16,105.60')
  })
})

describe('records', () => {
  it('a missing value is a dash', () => {
    render(KeyValue, { pairs: [{ name: 'Phone', value: '' }] })
    expect(screen.getByRole('definition')).toHaveTextContent('–')
  })

  it('a timeline links its records and writes real dates', () => {
    render(Timeline, {
      entries: [{ id: '1', at: '2026-01-14', title: 'Gift', amount: '$50.00', href: '/g/1' }],
    })
    expect(screen.getByRole('link', { name: 'Gift' })).toHaveAttribute('href', '/g/1')
    expect(screen.getByText('Jan 14, 2026')).toHaveAttribute('datetime', '2026-01-14')
  })

  it('a pager is links, and nothing when there is one page', () => {
    const { unmount } = render(Pager, { next: '?cursor=abc', shown: 50 })
    expect(screen.getByRole('link', { name: 'Next page' })).toHaveAttribute('href', '?cursor=abc')
    expect(screen.queryByRole('link', { name: 'First page' })).toBeNull()
    unmount()
    render(Pager, { shown: 3 })
    expect(screen.queryByRole('navigation')).toBeNull()
  })
})

describe('CopyText', () => {
  it('copies and says so', async () => {
    const user = person()
    const { default: CopyText } = await import('./CopyText.svelte')
    const { announcer } = await import('@lib/announce.svelte')
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    render(CopyText, { value: 'ch_123', label: 'charge' })
    await user.click(screen.getByRole('button', { name: 'Copy charge' }))
    expect(write).toHaveBeenCalledWith('ch_123')
    expect(announcer.polite).toContain('Copied: charge')
  })
})
