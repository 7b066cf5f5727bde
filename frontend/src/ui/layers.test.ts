import { render, screen, waitFor } from '@testing-library/svelte'
import { flushSync } from 'svelte'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { announcer } from '@lib/announce.svelte'
import { person, text } from '@lib/testing'
import Combobox from './Combobox.svelte'
import Dialog from './Dialog.svelte'
import Menu from './Menu.svelte'
import Toaster from './Toaster.svelte'

describe('Dialog', () => {
  it('is named, and closes by its button', async () => {
    const onclose = vi.fn()
    render(Dialog, { open: true, title: 'Refund this gift', children: text('words'), onclose })
    expect(screen.getByRole('dialog', { name: 'Refund this gift' })).toBeVisible()
    await person().click(screen.getByRole('button', { name: 'Close' }))
    expect(onclose).toHaveBeenCalledOnce()
    expect(screen.queryByRole('heading')).toBeNull()
  })

  it('closes on Escape, which the browser tells as cancel', () => {
    const onclose = vi.fn()
    render(Dialog, { open: true, title: 'Sure?', children: text('words'), onclose })
    flushSync(() => screen.getByRole('dialog').dispatchEvent(new Event('cancel', { cancelable: true })))
    expect(onclose).toHaveBeenCalledOnce()
  })

  it('stays while something is on its way', async () => {
    const onclose = vi.fn()
    render(Dialog, { open: true, busy: true, title: 'Refunding', children: text('words'), onclose })
    await person().click(screen.getByRole('button', { name: 'Close' }))
    expect(onclose).not.toHaveBeenCalled()
    expect(screen.getByRole('dialog')).toBeVisible()
  })
})

describe('Menu', () => {
  it('opens by keyboard, moves by arrows, acts on Enter and closes', async () => {
    const run = vi.fn()
    render(Menu, {
      label: 'Your menu',
      trigger: text('OO'),
      items: [
        { kind: 'check', label: 'Dark', checked: false, run: vi.fn() },
        { kind: 'action', label: 'Sign out', run },
      ],
    })
    const user = person()
    await user.tab()
    await user.keyboard('{Enter}')
    await waitFor(() => expect(screen.getByRole('menu')).toBeVisible())
    expect(screen.getByRole('menuitemcheckbox', { name: 'Dark' })).toHaveAttribute('aria-checked', 'false')
    await user.click(screen.getByRole('menuitem', { name: 'Sign out' }))
    expect(run).toHaveBeenCalledOnce()
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  })

  it('closes on Escape', async () => {
    render(Menu, {
      label: 'Menu',
      trigger: text('M'),
      items: [{ kind: 'action', label: 'One', run: vi.fn() }],
    })
    const user = person()
    await user.tab()
    await user.keyboard('{Enter}')
    await waitFor(() => expect(screen.getByRole('menu')).toBeVisible())
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  })
})

describe('Combobox', () => {
  it('asks the server for what is typed and takes what is chosen', async () => {
    const onchoose = vi.fn()
    const find = vi.fn(async () => [{ value: '1', label: 'Ada Lovelace', detail: 'ada@example.org' }])
    render(Combobox, { id: 'person', label: 'Person', chosen: undefined, find, onchoose })
    const user = person()
    await user.type(screen.getByRole('combobox', { name: 'Person' }), 'ada')
    await user.click(await screen.findByRole('option', { name: /Ada Lovelace/ }))
    expect(find).toHaveBeenCalledExactlyOnceWith('ada', expect.any(AbortSignal))
    expect(onchoose).toHaveBeenCalledWith({ value: '1', label: 'Ada Lovelace', detail: 'ada@example.org' })
  })

  it('says when nobody is found', async () => {
    render(Combobox, { id: 'person', label: 'Person', chosen: undefined, find: async () => [] })
    await person().type(screen.getByRole('combobox', { name: 'Person' }), 'zzz')
    await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent('Nothing found.'))
  })
})

describe('Toaster', () => {
  beforeEach(() => {
    for (const toast of announcer.toasts) announcer.dismiss(toast.id)
  })

  it('speaks politely and offers the way back', async () => {
    const run = vi.fn()
    render(Toaster)
    flushSync(() => announcer.toast('Ada is thanked.', { action: { label: 'Undo', run } }))
    expect(screen.getByRole('status')).toHaveTextContent('Ada is thanked.')
    await person().click(screen.getByRole('button', { name: 'Undo' }))
    expect(run).toHaveBeenCalledOnce()
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  })

  it('interrupts for a failure, which stays until it is dismissed', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    render(Toaster)
    flushSync(() => announcer.toast('Could not save.', { tone: 'danger' }))
    expect(screen.getByRole('alert')).toHaveTextContent('Could not save.')
    vi.advanceTimersByTime(60_000)
    await person().click(screen.getByRole('button', { name: 'Dismiss' }))
    expect(announcer.toasts).toHaveLength(0)
    vi.useRealTimers()
  })

  it('lets good news go by itself', () => {
    vi.useFakeTimers()
    render(Toaster)
    announcer.toast('Saved.')
    vi.advanceTimersByTime(6_500)
    expect(announcer.toasts).toHaveLength(0)
    vi.useRealTimers()
  })
})
