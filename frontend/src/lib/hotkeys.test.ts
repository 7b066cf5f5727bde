import { afterEach, expect, it, vi } from 'vitest'
import { bindHotkeys, setHotkeys } from './hotkeys'
import { person } from './testing'

afterEach(() => {
  setHotkeys(true)
  document.body.replaceChildren()
})

function bind() {
  const run = vi.fn()
  const search = vi.fn()
  const stop = bindHotkeys([
    { keys: 'g p', label: 'People', run },
    { keys: '/', label: 'Search', run: search },
  ])
  return { run, search, stop }
}

it('acts on keys and on sequences of keys', async () => {
  const { run, search, stop } = bind()
  await person().keyboard('gp/')
  expect([run.mock.calls.length, search.mock.calls.length]).toEqual([1, 1])
  stop()
})

it('stays silent while someone types', async () => {
  const { search, stop } = bind()
  const input = document.body.appendChild(document.createElement('input'))
  input.focus()
  await person().keyboard('/')
  expect(search).not.toHaveBeenCalled()
  stop()
})

it('can be switched off', async () => {
  const { search, stop } = bind()
  setHotkeys(false)
  await person().keyboard('/')
  expect(search).not.toHaveBeenCalled()
  stop()
})
