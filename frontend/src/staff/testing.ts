// A signed-in member of staff and a server of canned answers, for tests of screens.

import { render } from '@testing-library/svelte'
import type { Component } from 'svelte'
import { vi } from 'vitest'
import { startClient } from '@api/client'
import type { SessionBody } from '@api/types'
import { setScope } from '@lib/router'
import { session } from '@lib/session.svelte'
import '@lib/testing'
import TestStage from './TestStage.svelte'

export interface Call {
  method: string
  path: string
  headers: Headers
  body: unknown
}

type Answer = { status: number; body?: unknown }
type Answers = Record<string, (call: Call) => Answer>

let started = false

/** serve answers "POST /donations/1/refunds" and the like, and returns the calls it saw. */
export function serve(answers: Answers): Call[] {
  if (!started) startClient()
  started = true
  const calls: Call[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const text = await request.text()
    const path = new URL(request.url, 'http://localhost').pathname.replace('/api/v1', '')
    const call = {
      method: request.method,
      path,
      headers: request.headers,
      body: text ? (JSON.parse(text) as unknown) : undefined,
    }
    calls.push(call)
    const answer = answers[`${call.method} ${path}`]?.(call) ?? {
      status: 404,
      body: { title: 'Not found', status: 404 },
    }
    const type = answer.status < 400 ? 'application/json' : 'application/problem+json'
    return new Response(answer.status === 204 ? null : JSON.stringify(answer.body), {
      status: answer.status,
      headers: { 'Content-Type': type },
    })
  })
  return calls
}

/** signIn opens a session of someone with these permissions at Riverbend. */
export function signIn(...permissions: string[]): void {
  const organization = {
    id: 'o1',
    slug: 'riverbend',
    name: 'Riverbend Trust',
    kind: 'nonprofit',
    currency: 'USD',
    zone: 'America/New_York',
    brand_color: '#0b6b50',
  }
  session.accept({
    login: { id: 'l1', name: 'Olivia', email: 'o@riverbend.example', operator: false },
    memberships: [{ organization, role: 'owner', permissions }],
    csrf_token: 'token',
  } as SessionBody)
  session.enter('riverbend')
  setScope(() => '/riverbend')
  document.cookie = 'csrf=token'
}

/** show renders a screen as App would. */
export function show<Props extends Record<string, unknown>>(screen: Component<Props>, props: Props): void {
  render(TestStage, { props: { screen: screen as Component<Record<string, unknown>>, props } })
}
