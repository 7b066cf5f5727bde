import { render, screen } from '@testing-library/svelte'
import { expect, it, vi } from 'vitest'
import { person, text } from '@lib/testing'
import Button from './Button.svelte'
import IconButton from './IconButton.svelte'
import Link from './Link.svelte'

it('acts on click, Enter and Space', async () => {
  const onclick = vi.fn()
  render(Button, { children: text('Save'), onclick })
  const user = person()
  await user.tab()
  expect(screen.getByRole('button', { name: 'Save' })).toHaveFocus()
  await user.keyboard('{Enter} ')
  await user.click(screen.getByRole('button'))
  expect(onclick).toHaveBeenCalledTimes(3)
})

it('stays enabled while busy, says so, and does nothing twice', async () => {
  const onclick = vi.fn()
  render(Button, { children: text('Save'), busy: true, busyLabel: 'Saving…', onclick })
  const button = screen.getByRole('button', { name: 'Saving…' })
  await person().click(button)
  expect(button).toBeEnabled()
  expect(button).toHaveAttribute('aria-disabled', 'true')
  expect(onclick).not.toHaveBeenCalled()
})

it('does not submit its form unless it is told to', () => {
  render(Button, { children: text('Other') })
  expect(screen.getByRole('button')).toHaveAttribute('type', 'button')
})

it('is a link when it leads somewhere', () => {
  render(Button, { children: text('Gifts'), href: '/app/gifts' })
  expect(screen.getByRole('link', { name: 'Gifts' })).toHaveAttribute('href', '/app/gifts')
})

it('an icon alone has a name and its shortcut in the tooltip', () => {
  render(IconButton, { label: 'Search', shortcut: '/', children: text('') })
  expect(screen.getByRole('button', { name: 'Search' })).toHaveAttribute('title', 'Search (/)')
})

it('a link to another site says that it opens a new tab', () => {
  render(Link, { href: 'https://www.irs.gov', external: true, children: text('IRS') })
  const link = screen.getByRole('link', { name: 'IRS (opens in a new tab)' })
  expect(link).toHaveAttribute('rel', 'noopener noreferrer')
})
