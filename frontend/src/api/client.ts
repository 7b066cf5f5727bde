// How the apps talk to the server: the session cookie with its CSRF header, the chosen organization, and
// every refusal as an ApiError.

import { asApiError, readProblem } from '@lib/problem'

export interface Call {
  query?: Record<string, string | number | undefined>
  body?: unknown
  /** key is the Idempotency-Key; calls that move money must carry one */
  key?: string
  signal?: AbortSignal
}

const BASE = '/api/v1'

let organization = ''

/** setOrganization chooses whose books the following calls read and write. */
export function setOrganization(slug: string): void {
  organization = slug
}

/** get reads a resource. */
export function get<T>(path: string, call: Call = {}): Promise<T> {
  return send<T>('GET', path, call)
}

/** send performs one call and returns its JSON; undefined when the server has nothing to say. */
export async function send<T>(method: string, path: string, call: Call = {}): Promise<T> {
  const response = await raw(method, path, call)
  if (response.status === 204 || response.headers.get('Content-Length') === '0') return undefined as T
  const kind = response.headers.get('Content-Type') ?? ''
  return (kind.includes('json') ? await response.json() : await response.text()) as T
}

/** raw performs one call and returns the accepted response, for files and pages. */
export async function raw(method: string, path: string, call: Call = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(BASE + path + queryOf(call.query), {
      method,
      headers: headersOf(method, call),
      body: bodyOf(call.body),
      signal: call.signal ?? null,
      credentials: 'same-origin',
    })
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw asApiError(thrown)
  }
  if (!response.ok) throw await readProblem(response)
  return response
}

/** download fetches a file with our headers and hands it to the browser under its own name. */
export async function download(path: string, name: string, query: Call['query'] = {}): Promise<void> {
  const response = await raw('GET', path, { query })
  const url = URL.createObjectURL(await response.blob())
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = /filename="?([^";]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

function headersOf(method: string, call: Call): Headers {
  const headers = new Headers({ Accept: 'application/json' })
  if (organization) headers.set('X-Organization', organization)
  if (call.key) headers.set('Idempotency-Key', call.key)
  if (call.body instanceof Blob) headers.set('Content-Type', call.body.type)
  else if (call.body !== undefined) headers.set('Content-Type', 'application/json')
  if (method !== 'GET') headers.set('X-CSRF-Token', cookie('csrf'))
  return headers
}

function bodyOf(body: unknown): BodyInit | null {
  if (body === undefined) return null
  return body instanceof Blob ? body : JSON.stringify(body)
}

function queryOf(query: Call['query'] = {}): string {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  return kept.length === 0
    ? ''
    : `?${new URLSearchParams(kept.map(([name, value]) => [name, String(value)]))}`
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((c) => c.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ''
}
