import { describe, expect, it } from 'vitest'
import { clash, type Span } from './clash'

const span = (name: string, starts: number, ends: number): Span => ({ name, starts, ends })
const names = (all: Span[]) => clash(all)?.map((s) => s.name)

describe('clash', () => {
  it('is no clash when one begins as another ends', () => {
    expect(names([span('b', 12, 15), span('a', 9, 12)])).toBeUndefined()
  })
  it('finds shifts that overlap, in whatever order they come', () => {
    expect(names([span('c', 20, 22), span('b', 11, 15), span('a', 9, 12)])).toEqual(['a', 'b'])
  })
  it('finds a short one inside a long one behind another', () => {
    expect(names([span('long', 0, 10), span('early', 10, 12), span('late', 11, 13)])).toEqual([
      'early',
      'late',
    ])
    expect(names([span('long', 0, 100), span('next', 200, 210), span('within', 50, 60)])).toEqual([
      'long',
      'within',
    ])
  })
  it('has nothing to say of one or none', () => {
    expect(names([])).toBeUndefined()
    expect(names([span('a', 1, 2)])).toBeUndefined()
  })
})
