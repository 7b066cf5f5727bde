import { expect, it } from 'vitest'
import '@lib/testing'
import { valuesOf } from '../../listing.svelte'
import { FILTERS, requestOf } from './queries'

const of = (search: string) => requestOf(valuesOf(FILTERS, new URLSearchParams(search)))

it('without a status asks only for money that came', () => {
  expect(of('')).toEqual({ received: true })
})

it('asks for one status, or for everything', () => {
  expect(of('status=failed')).toEqual({ status: 'failed' })
  expect(of('status=all')).toEqual({})
})

it('keeps text as text and drops what the server does not know', () => {
  expect(of('search=007&method=barter&from=2026-01-01')).toEqual({
    received: true,
    search: '007',
    from: '2026-01-01',
  })
})
