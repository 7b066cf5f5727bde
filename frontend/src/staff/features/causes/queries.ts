// What the screens of causes and funds ask of the server.

import { queryOptions } from '@tanstack/svelte-query'
import { get, send } from '@api/client'
import type { Cause, Fund } from '@api/types'
import { key } from '../../keys'

export const RESTRICTIONS = ['unrestricted', 'purpose', 'time', 'endowment'] as const

export const causesQuery = () =>
  queryOptions({
    queryKey: key('causes'),
    queryFn: ({ signal }) => get<{ items: Cause[] }>('/causes', { signal }),
  })

export const createCause = (body: { name: string; slug?: string; summary: string }) =>
  send<Cause>('POST', '/causes', { body })
export const updateCause = (id: string, body: Partial<Pick<Cause, 'name' | 'summary' | 'status'>>) =>
  send<Cause>('PATCH', `/causes/${id}`, { body })
export const createFund = (causeId: string, body: { code: string; name: string; restriction: string }) =>
  send<Fund>('POST', `/causes/${causeId}/funds`, { body })
export const updateFund = (id: string, body: Partial<Pick<Fund, 'name' | 'active'>>) =>
  send<Fund>('PATCH', `/funds/${id}`, { body })
