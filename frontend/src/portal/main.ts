// The company portal: everything below /portal.

import { mount } from 'svelte'
import en from '../locales/en.json'
import { startApp } from '@lib/start'
import App from './App.svelte'
import { routes } from './routes'

startApp({ catalogue: en, routes, base: '/portal' })

const target = document.getElementById('app')
if (target) {
  target.replaceChildren()
  mount(App, { target })
}
