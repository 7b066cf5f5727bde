// A page that waits for the card service to tell: it looks at itself again and again, and reloads once it says something else.
import '../styles/public.css'
import { setMessages, t, type Catalogue } from '../lib/t'
import { moved } from './waiting/moved'
import { waitUntil } from './thanks/wait'

const boot = JSON.parse(document.getElementById('boot')?.textContent ?? '{}') as { messages: Catalogue }
setMessages(boot.messages, document.documentElement.lang || 'en')
const main = document.querySelector<HTMLElement>('main')
const live = document.getElementById('live')

main?.querySelector<HTMLElement>('h1[tabindex]')?.focus({ preventScroll: true })

if (main?.dataset['state'] === 'waiting')
  waitUntil(() => moved(window.location.href), {
    answered: () => window.location.reload(),
    slow: () => {
      main.querySelector('[data-slow]')?.removeAttribute('hidden')
      if (live) live.textContent = t('pay.still')
    },
  })
