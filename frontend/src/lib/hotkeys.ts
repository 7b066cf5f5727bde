// Keyboard shortcuts of the staff app. They can be switched off and never act while someone types.

import { tinykeys } from 'tinykeys'

export interface Hotkey {
  /** keys in tinykeys notation: "g p", "/", "$mod+k" */
  keys: string
  /** label is what the help list says */
  label: string
  run: () => void
}

const STORE = 'tributary.hotkeys'

/** hotkeysOn tells whether the person wants shortcuts; they do unless they said no. */
export function hotkeysOn(): boolean {
  try {
    return localStorage.getItem(STORE) !== 'off'
  } catch {
    return true
  }
}

/** setHotkeys remembers the choice on this device. */
export function setHotkeys(on: boolean): void {
  try {
    localStorage.setItem(STORE, on ? 'on' : 'off')
  } catch {
    // A browser that forbids storage keeps the default.
  }
}

/** bindHotkeys installs the shortcuts and returns the function that removes them. */
export function bindHotkeys(hotkeys: readonly Hotkey[], target: Window | HTMLElement = window): () => void {
  const map = Object.fromEntries(
    hotkeys.map((h) => [
      h.keys,
      (event: KeyboardEvent) => {
        if (!hotkeysOn() || typing(event.target) || document.querySelector('dialog[open]')) return
        event.preventDefault()
        h.run()
      },
    ]),
  )
  return tinykeys(target, map)
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  )
}
