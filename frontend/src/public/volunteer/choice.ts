// The choice of shifts: counted as it changes, warned of clashes, and remembered while somebody looks at other pages.
import { t } from '../../lib/t'
import { clash, type Span } from './clash'

export interface Watching {
  most: number
  announce: (words: string) => void
  store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
}

const keyOf = (list: string) => `shifts:${list}`

/** forget drops the choice of a list, once it came to something. */
export function forget(list: string, store: Watching['store']): void {
  try {
    store.removeItem(keyOf(list))
  } catch {
    // a browser that keeps nothing
  }
}

/** watch keeps the bar of a form in step with its ticks. */
export function watch(form: HTMLFormElement, w: Watching): void {
  const key = keyOf(form.dataset['choice'] ?? '')
  const boxes = () => [...form.querySelectorAll<HTMLInputElement>('input[name=shift]')]
  const count = form.querySelector<HTMLElement>('[data-count]')
  const warning = form.querySelector<HTMLElement>('[data-clash]')
  const hint = count?.textContent ?? ''
  let known = new Set<string>()

  // What was chosen on a page left by a link is chosen again, but for a page whose address says itself what is.
  if (!new URLSearchParams(window.location.search).has('shift'))
    for (const box of boxes()) box.checked ||= remembered(w.store, key).has(box.value)

  const show = (speak: boolean) => {
    const chosen = boxes().filter((b) => b.checked)
    const words =
      chosen.length === 0
        ? known.size > 0
          ? t('vol.chosen', { Count: 0 })
          : hint
        : t('vol.chosen', { Count: chosen.length })
    const wrong = problem(chosen, w.most)
    if (count) count.textContent = words
    if (warning) {
      warning.hidden = wrong === ''
      warning.textContent = wrong
    }
    if (speak) w.announce(wrong === '' ? words : `${words}. ${wrong}`)
    known = new Set(chosen.map((b) => b.value))
    remember(w.store, key, known, new Set(boxes().map((b) => b.value)))
  }
  form.addEventListener('change', (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === 'shift') show(true)
  })
  window.addEventListener('pageshow', () => show(false)) // the browser may bring ticks back by itself
  show(false)
}

function problem(chosen: HTMLInputElement[], most: number): string {
  const both = clash(chosen.map(spanOf))
  if (both) return t('vol.clash', { A: both[0].name, B: both[1].name })
  return chosen.length > most ? t('vol.too_many', { Most: most }) : ''
}

function spanOf(box: HTMLInputElement): Span {
  return {
    name: box.dataset['name'] ?? '',
    starts: Date.parse(box.dataset['starts'] ?? ''),
    ends: Date.parse(box.dataset['ends'] ?? ''),
  }
}

function remembered(store: Watching['store'], key: string): Set<string> {
  try {
    const kept: unknown = JSON.parse(store.getItem(key) ?? '[]')
    return new Set(Array.isArray(kept) ? kept.filter((v) => typeof v === 'string') : [])
  } catch {
    return new Set() // a browser that keeps nothing, or something else under our name
  }
}

// remember keeps what is chosen on other pages of the list, and takes what this page says of its own.
function remember(store: Watching['store'], key: string, chosen: Set<string>, here: Set<string>): void {
  const elsewhere = [...remembered(store, key)].filter((v) => !here.has(v))
  try {
    store.setItem(key, JSON.stringify([...elsewhere, ...chosen].slice(-50)))
  } catch {
    // a browser that keeps nothing
  }
}
