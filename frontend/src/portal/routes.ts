// Every screen of the portal.

import { go, type Routes } from '@lib/router'
import { session } from '@lib/session.svelte'
import Home from './features/Home.svelte'

// Employees of a company come in; everyone else is led to where they have to go first.
async function enterCompany(context: { pathname: string }): Promise<void> {
  await session.load()
  if (!session.signedIn) await turn('/sign-in')
  const slug = context.pathname.split('/')[1] ?? ''
  const companies = session.memberships.filter((m) => m.organization.kind === 'company')
  if (companies.some((m) => m.organization.slug === slug)) {
    session.enter(slug)
    return
  }
  const home = session.preferred('company')
  if (home) await turn(`/${home}`)
}

async function turn(path: string): Promise<never> {
  await go(path, { root: true, replace: true })
  throw new Error('turned to another screen')
}

export const routes: Routes = {
  '/sign-in': () => import('./features/SignIn.svelte'),
  '/': { '/': Home, hooks: { beforeLoad: enterCompany } },
  '/:org': { '/': Home, '*': Home, hooks: { beforeLoad: enterCompany } },
  '*': Home,
}
