// Who may see which part of the address space. The server decides about data; this only leads to the screen
// that can show it.

import { fullPath, go } from '@lib/router'
import { session } from '@lib/session.svelte'

/** admit lets signed-in members in, and leads everyone else to where they have to go first. */
export async function admit(context: { pathname: string }): Promise<void> {
  await session.load()
  const path = context.pathname
  if (!session.signedIn) {
    const next = path === '/' ? undefined : path + location.search
    await turn('/sign-in', { next })
  }
  const [, first = '', ...rest] = path.split('/')
  if (session.memberships.some((m) => m.organization.slug === first)) return
  const home = session.preferred('nonprofit')
  if (!home) await turn('/welcome')
  // An address without an organization, as in a mail: the same screen in the organization last visited.
  const tail = [first, ...rest].filter(Boolean).join('/')
  await turn(tail ? `/${home}/${tail}` : `/${home}`, Object.fromEntries(new URLSearchParams(location.search)))
}

/**
 * settle opens the books that the address names. It runs when the new screen takes the place of the old one:
 * any earlier, the old screen would ask for its record in the new organization.
 */
export function settle(context: { pathname: string }): void {
  session.enter(context.pathname.split('/')[1] ?? '')
}

/** afterSignIn goes to where the person wanted to be; only to addresses of this app. */
export async function afterSignIn(next: string | null): Promise<void> {
  const wanted = next && next.startsWith('/') && !next.startsWith('//') ? next : '/'
  const [path = '/', search = ''] = wanted.split('?')
  await go(path, { root: true, replace: true, query: Object.fromEntries(new URLSearchParams(search)) })
}

/** signedOut is called when the server no longer knows the session. */
export async function signedOut(): Promise<void> {
  const next = fullPath() + location.search
  session.forget()
  await go('/sign-in', { root: true, replace: true, query: { next } })
}

async function turn(path: string, query: Record<string, string | undefined> = {}): Promise<never> {
  await go(path, { root: true, replace: true, query })
  throw new Error('turned to another screen')
}
