// The one place that knows the router library. Screens use these functions and plain paths, so that another
// router can take its place.

import { blockNavigation, createRouter, Router, searchParams, type Routes } from 'sv-router'

export { Router, type Routes }

export type Query = Record<string, string | undefined>

let base = ''
let scope = () => ''
let api: ReturnType<typeof createRouter> | undefined

/** startRouter declares the routes of one app. Call it once, before Router is mounted with the same base. */
export function startRouter(routes: Routes, basePath: string): void {
  base = basePath
  api = createRouter(routes)
  keepForBrowser()
}

/**
 * setScope names the part of the address that stands before every screen, "/riverbend" for an organization:
 * a copied address leads a colleague to the same books.
 */
export function setScope(current: () => string): void {
  scope = current
}

/** href makes the address of a screen in the current scope: href('/gifts', { status: 'succeeded' }). */
export function href(path: string, query: Query = {}): string {
  return rootHref(scope() + (path === '/' && scope() ? '' : path), query)
}

/** rootHref makes the address of a screen outside any scope, such as the sign-in page. */
export function rootHref(path: string, query: Query = {}): string {
  return (path === '/' ? base || '/' : base + path) + searchOf(query)
}

export interface GoOptions {
  query?: Query
  replace?: boolean
  keepScroll?: boolean
  /** root leaves the scope out */
  root?: boolean
}

/** go shows a screen. Typing replaces the history entry, choosing adds one. */
export async function go(path: string, options: GoOptions = {}): Promise<void> {
  const full = options.root ? path : scope() + (path === '/' && scope() ? '' : path)
  await router().navigate(full as '/', {
    replace: options.replace ?? false,
    search: searchOf(options.query ?? {}),
    ...(options.keepScroll ? { scrollToTop: false as const } : {}),
  })
}

/** param is a named part of the current path; reactive. */
export function param(name: string): string {
  const params: Record<string, string | undefined> = router().route.params
  return params[name] ?? ''
}

/** fullPath is the current path without the base; reactive. */
export function fullPath(): string {
  return router().route.pathname
}

/** pathname is the current path without base and scope; reactive. */
export function pathname(): string {
  const path = fullPath()
  const prefix = scope()
  if (prefix && (path === prefix || path.startsWith(`${prefix}/`))) return path.slice(prefix.length) || '/'
  return path
}

/** query is the current query string; reactive. Values stay text: "007" is not 7. */
export function query(): URLSearchParams {
  return searchParams.toURLSearchParams()
}

/** setQuery changes named values of the query string and keeps the others; undefined and '' remove. */
export async function setQuery(changes: Query, options: { replace?: boolean } = {}): Promise<void> {
  const next = query()
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name)
    else next.set(name, value)
  }
  await go(pathname(), {
    query: Object.fromEntries(next),
    replace: options.replace ?? false,
    keepScroll: true,
  })
}

/** guardLeave asks before leaving while the callback says there is something to lose. */
export function guardLeave(mayLeave: () => boolean): () => void {
  return blockNavigation({ beforeUnload: mayLeave, onNavigate: mayLeave })
}

function router(): ReturnType<typeof createRouter> {
  if (!api) throw new Error('startRouter was not called')
  return api
}

function searchOf(query: Query): string {
  const kept = Object.entries(query).filter((e): e is [string, string] => Boolean(e[1]))
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`
}

// The library takes every click on a link of this origin, also those that should open a new tab and those
// that lead out of the app. Here they are kept from it: its listener sits on window, this one before it.
function keepForBrowser(): void {
  document.addEventListener('click', (event) => {
    const anchor = event.target instanceof Element ? event.target.closest('a') : null
    if (!anchor?.hasAttribute('href')) return
    const url = new URL(anchor.href, location.href)
    const outside = url.pathname !== base && !url.pathname.startsWith(`${base}/`)
    const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0
    if (modified || outside || event.defaultPrevented) event.stopPropagation()
  })
}
