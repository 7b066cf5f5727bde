// The staff app: everything below /app.

import { mount } from 'svelte'
import en from '../locales/en.json'
import { startApp } from '@lib/start'
import App from './App.svelte'
import { routes } from './routes'

startApp({ catalogue: en, routes, base: '/app' })

const target = document.getElementById('app')
if (target) {
  target.replaceChildren()
  mount(App, { target })
}
