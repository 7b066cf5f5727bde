import { expect, it } from 'vitest'
import { currentTheme, setTheme } from './theme'

it('writes the choice where the page and the server read it', () => {
  setTheme('dark')
  expect(document.documentElement.dataset.theme).toBe('dark')
  expect(document.cookie).toContain('theme=dark')
  expect(currentTheme()).toBe('dark')
})

it('leaves it to the system again', () => {
  setTheme('light')
  setTheme('system')
  expect(document.documentElement.dataset.theme).toBeUndefined()
  expect(currentTheme()).toBe('system')
})
