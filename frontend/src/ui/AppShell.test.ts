import House from '@lucide/svelte/icons/house'
import { render, screen, within } from '@testing-library/svelte'
import { expect, it } from 'vitest'
import { person, text } from '@lib/testing'
import AppShell from './AppShell.svelte'
import Gate from './Gate.svelte'
import PageHeader from './PageHeader.svelte'

const props = {
  links: [
    { href: '/app/riverbend', label: 'Today', icon: House, current: true, keys: 'g h' },
    { href: '/app/riverbend/gifts', label: 'Gifts', icon: House, current: false },
  ],
  path: '/riverbend',
  switcher: text('Riverbend Trust'),
  tools: text('tools'),
  children: text('content'),
}

it('begins with a link to the content', async () => {
  render(AppShell, { props })
  await person().tab()
  expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveFocus()
  expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveAttribute('href', '#content')
  expect(screen.getByRole('main')).toHaveAttribute('id', 'content')
})

it('marks where one is and names the keys', () => {
  render(AppShell, { props })
  const nav = screen.getAllByRole('navigation', { name: 'Main' })[0]
  expect(nav).toBeDefined()
  const today = within(nav as HTMLElement).getByRole('link', { name: 'Today' })
  expect(today).toHaveAttribute('aria-current', 'page')
  expect(today).toHaveAttribute('title', 'Today (g h)')
  expect(within(nav as HTMLElement).getByRole('link', { name: 'Gifts' })).not.toHaveAttribute('aria-current')
})

it('opens the navigation as a drawer on phones', async () => {
  render(AppShell, { props })
  await person().click(screen.getByRole('button', { name: 'Open menu' }))
  expect(screen.getByRole('dialog', { name: 'Main' })).toHaveAttribute('open')
  await person().click(screen.getByRole('button', { name: 'Close' }))
  expect(document.querySelector('dialog')).not.toHaveAttribute('open')
})

it('a screen has one h1 that also names the document', () => {
  render(PageHeader, { title: 'Ada Lovelace', section: 'People' })
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Ada Lovelace')
  expect(document.title).toBe('Ada Lovelace · People · Tributary')
})

it('the gate frames what stands before sign-in', () => {
  render(Gate, { title: 'Sign in', lead: 'For staff.', children: text('form') })
  expect(screen.getByRole('main')).toHaveTextContent('For staff.')
  expect(document.title).toBe('Sign in · Tributary')
})
