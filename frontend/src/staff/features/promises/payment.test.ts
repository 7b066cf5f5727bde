import { expect, it } from 'vitest'
import '@lib/testing'
import { effectWords, payable } from './payment'
import { part, usd } from './sample'

const three = [part(1), part(2), part(3)]

it('offers only what is open and not under way', () => {
  const parts = [
    part(1, { state: 'paid' }),
    part(2, { state: 'attempting' }),
    part(3, { state: 'failed' }),
    part(4, { amount: usd(0) }),
    part(5),
  ]
  expect(payable(parts).map((i) => i.n)).toEqual([3, 5])
})

it('pays an instalment in full', () => {
  expect(effectWords(three, 'i1', 10000)).toBe('It pays instalment 1 in full.')
})

it('rolls what is missing on to the next open one', () => {
  expect(effectWords(three, 'i1', 6000)).toBe(
    '$40.00 is missing: it is added to instalment 2 on Feb 15, 2026, which is then $140.00.',
  )
})

it('leaves out what is under way when it rolls on', () => {
  const parts = [part(1), part(2, { state: 'processing' }), part(3)]
  expect(effectWords(parts, 'i1', 6000)).toContain('instalment 3')
})

it('makes a new last one for what is missing of the last', () => {
  expect(effectWords(three, 'i3', 9999)).toBe('$0.01 is missing: a new last instalment is made for it.')
})

it('reduces the following ones by what is too much', () => {
  expect(effectWords(three, 'i1', 15000)).toBe(
    '$50.00 is more than asked for: it reduces the following instalments. $150.00 is then left to pay.',
  )
  expect(effectWords(three, 'i3', 15000)).toContain('reduces the other open instalments')
})

it('says when it pays all of it, and more than all', () => {
  expect(effectWords(three, 'i2', 30000)).toBe('It pays everything that is left of the pledge.')
  expect(effectWords(three, 'i2', 30100)).toContain('$1.00 on top as a gift beyond it')
})

it('says nothing about an instalment that is not there', () => {
  expect(effectWords(three, 'gone', 10000)).toBe('')
})
