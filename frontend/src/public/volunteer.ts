// The pages on which people find shifts: the choice comes alive. Everything works without it.
import '../styles/volunteer.css'
import { setMessages, type Catalogue } from '../lib/t'
import { forget, watch } from './volunteer/choice'
import { offerCopy } from './volunteer/copy'

interface Boot {
  most?: number
  messages?: Catalogue
}

const boot = JSON.parse(document.getElementById('boot')?.textContent ?? '{}') as Boot
setMessages(boot.messages ?? {}, document.documentElement.lang || 'en')
const live = document.getElementById('live')
const announce = (words: string) => {
  if (live) live.textContent = words
}

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-choice]'))
  watch(form, { most: boot.most ?? 20, announce, store: window.sessionStorage })
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]'))
  offerCopy(button, announce)
for (const page of document.querySelectorAll<HTMLElement>('[data-chosen]'))
  forget(page.dataset['chosen'] ?? '', window.sessionStorage)
