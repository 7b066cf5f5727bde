import { beforeEach, describe, expect, it } from 'vitest'
import { setMessages } from '../../lib/t'
import { forget, watch } from './choice'

setMessages(
  {
    'vol.chosen': { one: '{{.Count}} shift chosen', other: '{{.Count}} shifts chosen' },
    'vol.clash': '{{.A}} and {{.B}} clash',
    'vol.too_many': 'more than {{.Most}}',
  },
  'en',
)

const box = (value: string, from: string, to: string) =>
  `<input type="checkbox" name="shift" value="${value}" data-starts="2026-11-28T${from}:00Z" data-ends="2026-11-28T${to}:00Z" data-name="${value}">`

function form(...boxes: string[]): HTMLFormElement {
  const made = new DOMParser().parseFromString(
    `<form data-choice="riverbend">${boxes.join('')}<p data-clash hidden></p><p data-count>Tick some.</p></form>`,
    'text/html',
  ).body.firstElementChild as HTMLFormElement
  document.body.replaceChildren(made)
  return made
}

const spoken: string[] = []
const start = (f: HTMLFormElement) =>
  watch(f, { most: 2, announce: (words) => spoken.push(words), store: sessionStorage })

function tick(f: HTMLFormElement, value: string): void {
  f.querySelector<HTMLInputElement>(`[value=${value}]`)?.click()
}

const says = (f: HTMLFormElement, what: string) => f.querySelector<HTMLElement>(`[data-${what}]`)

describe('the choice of shifts', () => {
  beforeEach(() => {
    sessionStorage.clear()
    spoken.length = 0
  })

  it('is counted as it changes, and said aloud', () => {
    const f = form(box('a', '09', '12'), box('b', '12', '15'))
    start(f)
    expect(says(f, 'count')?.textContent).toBe('Tick some.')
    tick(f, 'a')
    tick(f, 'b')
    expect(says(f, 'count')?.textContent).toBe('2 shifts chosen')
    expect(spoken).toEqual(['1 shift chosen', '2 shifts chosen'])
  })

  it('is warned of a clash until one is unticked', () => {
    const f = form(box('a', '09', '12'), box('b', '11', '15'))
    start(f)
    tick(f, 'a')
    tick(f, 'b')
    expect(says(f, 'clash')?.hidden).toBe(false)
    expect(says(f, 'clash')?.textContent).toBe('a and b clash')
    tick(f, 'a')
    expect(says(f, 'clash')?.hidden).toBe(true)
  })

  it('is told when it is more than can be had at once', () => {
    const f = form(box('a', '09', '10'), box('b', '10', '11'), box('c', '11', '12'))
    start(f)
    for (const value of ['a', 'b', 'c']) tick(f, value)
    expect(says(f, 'clash')?.textContent).toBe('more than 2')
  })

  it('is remembered on the next page, with what is chosen elsewhere', () => {
    const first = form(box('a', '09', '10'), box('b', '10', '11'))
    start(first)
    tick(first, 'a')
    const second = form(box('b', '10', '11'), box('c', '11', '12'))
    start(second)
    tick(second, 'c')
    const third = form(box('a', '09', '10'), box('b', '10', '11'), box('c', '11', '12'))
    start(third)
    expect([...third.querySelectorAll('input')].map((i) => i.checked)).toEqual([true, false, true])
  })

  it('is forgotten once it came to something', () => {
    const first = form(box('a', '09', '10'))
    start(first)
    tick(first, 'a')
    forget('riverbend', sessionStorage)
    const second = form(box('a', '09', '10'))
    start(second)
    expect(second.querySelector('input')?.checked).toBe(false)
  })

  it('does without a memory that is broken', () => {
    sessionStorage.setItem('shifts:riverbend', '{')
    const f = form(box('a', '09', '10'))
    start(f)
    expect(says(f, 'count')?.textContent).toBe('Tick some.')
  })
})
