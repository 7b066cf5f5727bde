// The thank-you page: while the payment is being confirmed it asks again and again, then shows the answer; afterwards it helps to share.
import '../styles/public.css'
import { setMessages, t, type Catalogue } from '../lib/t'
import { waitForAnswer } from './thanks/wait'

interface Boot {
  poll: string
  state: string
  url: string
  title: string
  messages: Catalogue
}

const boot = JSON.parse(document.getElementById('boot')?.textContent ?? '{}') as Boot
setMessages(boot.messages, document.documentElement.lang || 'en')
const main = document.querySelector<HTMLElement>('main')
const live = document.getElementById('live')

main?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })

if (main?.dataset['state'] === 'confirming')
  waitForAnswer(boot.poll, {
    answered: () => window.location.reload(),
    slow: () => {
      main.querySelector('[data-slow]')?.removeAttribute('hidden')
      if (live) live.textContent = t('thanks.still')
    },
  })

const copy = main?.querySelector<HTMLButtonElement>('[data-copy]')
if (copy) {
  copy.hidden = false
  copy.addEventListener('click', () => void share())
}

async function share(): Promise<void> {
  if (typeof navigator.share === 'function' && matchMedia('(pointer: coarse)').matches) {
    await navigator.share({ title: boot.title, url: boot.url }).catch(() => undefined) // closing the sheet is no failure
    return
  }
  const copied = await navigator.clipboard?.writeText(boot.url).then(
    () => true,
    () => false,
  )
  if (live) live.textContent = t(copied ? 'thanks.copied' : 'thanks.copy_failed')
  if (copy && copied) copy.textContent = t('thanks.copied')
  document.querySelector<HTMLInputElement>('#share-link')?.select()
}
