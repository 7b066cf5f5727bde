// What the unit tests share: the English words, texts as snippets, and the keyboard.

import userEvent from '@testing-library/user-event'
import { createRawSnippet, type Snippet } from 'svelte'
import en from '../locales/en.json'
import { setMessages } from './t'

setMessages(en, 'en')

/** text makes a snippet of plain text, for components that take children. */
export function text(words: string): Snippet {
  return createRawSnippet(() => ({ render: () => `<span>${words}</span>` }))
}

/** person is someone with a keyboard and a mouse. */
export function person() {
  return userEvent.setup()
}
