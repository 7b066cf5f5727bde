// What staff app and portal do before their first component mounts.

import { startClient } from '@api/client'
import { setMessages, type Catalogue } from './t'
import { setScope, startRouter, type Routes } from './router'
import { session } from './session.svelte'

interface Start {
  catalogue: Catalogue
  routes: Routes
  base: string
}

/** startApp installs words, routes and the organization as the scope of every address. */
export function startApp({ catalogue, routes, base }: Start): void {
  setMessages(catalogue, document.documentElement.lang || 'en')
  startClient()
  setScope(() => (session.slug ? `/${session.slug}` : ''))
  startRouter(routes, base)
  // After a release the old parts of the app are gone: load the new page instead of failing.
  window.addEventListener('vite:preloadError', (event) => {
    event.preventDefault()
    location.reload()
  })
}
