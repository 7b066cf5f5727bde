// How the apps talk to the server through the generated client: the session cookie with its CSRF header, the
// chosen organization, and every refusal as an ApiError.

import { ApiError, asApiError, problemOf } from '@lib/problem'
import { client } from './gen/client.gen'

let organization = ''

/** setOrganization chooses whose books the following calls read and write. */
export function setOrganization(slug: string): void {
  organization = slug
}

/** withOrganization names the organization in an address, for what cannot send headers: event streams. */
export function withOrganization(path: string): string {
  return `${path}?${new URLSearchParams({ organization })}`
}

/** startClient installs what every call needs. Call it once, before the first call. */
export function startClient(): void {
  client.interceptors.request.use((request) => {
    if (organization) request.headers.set('X-Organization', organization)
    if (request.method !== 'GET') request.headers.set('X-CSRF-Token', cookie('csrf'))
    return request
  })
  client.interceptors.error.use((error, response: Response | undefined) => {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    return response ? new ApiError(problemOf(error, response.status)) : asApiError(error)
  })
}

/** download fetches a file with our headers and hands it to the browser under the server's name for it. */
export async function download(
  path: string,
  name: string,
  query: Record<string, string | number | boolean | undefined> = {},
): Promise<void> {
  const { data, response } = await client.get<Blob, unknown, true, 'fields'>({
    url: path,
    query,
    parseAs: 'blob',
    throwOnError: true,
    responseStyle: 'fields',
  })
  const url = URL.createObjectURL(data)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = /filename="?([^";]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? name
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** maybeSignedIn tells whether there can be a session at all: its CSRF token lives exactly as long. */
export function maybeSignedIn(): boolean {
  return cookie('csrf') !== ''
}

function cookie(name: string): string {
  const found = document.cookie.split('; ').find((c) => c.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ''
}
