import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listen } from './sse'

class FakeSource {
  static last: FakeSource
  readyState = 1
  onopen = () => {}
  onerror = () => {}
  closed = false
  listeners = new Map<string, (event: { data: string }) => void>()

  constructor() {
    FakeSource.last = this
  }

  addEventListener(name: string, fn: (event: { data: string }) => void) {
    this.listeners.set(name, fn)
  }

  close() {
    this.closed = true
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeSource)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('passes events on as data', () => {
  const onEvent = vi.fn()
  const stop = listen('/live', { events: ['progress'], onEvent, poll: vi.fn() })
  FakeSource.last.listeners.get('progress')?.({ data: '{"raised":5}' })
  expect(onEvent).toHaveBeenCalledWith('progress', { raised: 5 })
  stop()
  expect(FakeSource.last.closed).toBe(true)
})

it('polls instead after three failures in a row', () => {
  const poll = vi.fn()
  const stop = listen('/live', { events: [], onEvent: vi.fn(), poll, pollMs: 1000 })
  for (let n = 0; n < 3; n++) FakeSource.last.onerror()
  vi.advanceTimersByTime(2500)
  expect(poll).toHaveBeenCalledTimes(2)
  stop()
  vi.advanceTimersByTime(5000)
  expect(poll).toHaveBeenCalledTimes(2)
})

it('forgives failures that a reconnection made good', () => {
  const poll = vi.fn()
  const stop = listen('/live', { events: [], onEvent: vi.fn(), poll, pollMs: 1000 })
  FakeSource.last.onerror()
  FakeSource.last.onerror()
  FakeSource.last.onopen()
  FakeSource.last.onerror()
  vi.advanceTimersByTime(5000)
  expect(poll).not.toHaveBeenCalled()
  stop()
})
