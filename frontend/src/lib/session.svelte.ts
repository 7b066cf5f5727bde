// Who is signed in, for which organizations, and which of them this tab is looking at.

import { maybeSignedIn, setOrganization } from '@api/client'
import { showSession, signIn, signOut, signOutEverywhere } from '@api/gen'
import type { Membership, SessionBody } from '@api/types'
import { asApiError } from './problem'

const STORE = 'tributary.organization'

class Session {
  body = $state<SessionBody>()
  /** slug is the organization of the address; '' outside any */
  slug = $state('')
  #loading: Promise<void> | undefined

  get signedIn(): boolean {
    return this.body !== undefined
  }

  get login(): SessionBody['login'] | undefined {
    return this.body?.login
  }

  get memberships(): Membership[] {
    return this.body?.memberships ?? []
  }

  get current(): Membership | undefined {
    return this.memberships.find((m) => m.organization.slug === this.slug)
  }

  /** can tells whether the role in the current organization holds a permission. */
  can(permission: string): boolean {
    return this.current?.permissions.some((held) => held === permission) ?? false
  }

  /** load asks once who is signed in. "Nobody" is an answer; anything else that fails is thrown. */
  load(): Promise<void> {
    if (!this.#loading && !maybeSignedIn()) return Promise.resolve()
    this.#loading ??= showSession()
      .then((body) => {
        this.body = body
      })
      .catch((thrown: unknown) => {
        this.#loading = undefined
        if (asApiError(thrown).status !== 401) throw thrown
      })
    return this.#loading
  }

  async signIn(email: string, password: string): Promise<void> {
    this.accept(await signIn({ body: { email, password } }))
  }

  /** accept takes a session that the server just opened. */
  accept(body: SessionBody): void {
    this.body = body
    this.#loading = Promise.resolve()
  }

  /** signOut ends this session, or with everywhere all of this login's. */
  async signOut(everywhere = false): Promise<void> {
    await (everywhere ? signOutEverywhere() : signOut())
    this.forget()
  }

  forget(): void {
    this.body = undefined
    this.#loading = undefined
    this.enter('')
  }

  /** enter chooses the organization of the address and remembers it for the next visit. */
  enter(slug: string): void {
    this.slug = slug
    setOrganization(slug)
    if (!slug) return
    try {
      localStorage.setItem(STORE, slug)
    } catch {
      // Without storage the first membership is the default again.
    }
  }

  /** preferred is where to start: the organization of the last visit, else the first of that kind. */
  preferred(kind: 'nonprofit' | 'company'): string {
    const slugs = this.memberships.filter((m) => m.organization.kind === kind).map((m) => m.organization.slug)
    const last = remembered()
    return slugs.includes(last) ? last : (slugs[0] ?? '')
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(STORE) ?? ''
  } catch {
    return ''
  }
}

export const session = new Session()
