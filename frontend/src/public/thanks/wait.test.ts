import { waitForAnswer } from './wait'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function status(answers: string[]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    const next = answers.length > 1 ? answers.shift() : answers[0]
    return next === 'broken'
      ? Promise.reject(new TypeError('offline'))
      : Promise.resolve(new Response(JSON.stringify({ status: next })))
  })
  return asked
}

test('it asks until the payment is settled, whatever fails in between', async () => {
  const asked = status(['awaiting_payment', 'broken', 'processing', 'succeeded'])
  const answered = vi.fn()
  waitForAnswer('/poll', { answered, slow: vi.fn() })
  await vi.advanceTimersByTimeAsync(3_000)
  expect(answered).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(answered).toHaveBeenCalledOnce()
  expect(asked).toHaveLength(4)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveLength(4)
})

test('after twenty seconds it says that it takes longer, once, and asks less often', async () => {
  const asked = status(['processing'])
  const slow = vi.fn()
  waitForAnswer('/poll', { answered: vi.fn(), slow })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(slow).toHaveBeenCalledOnce()
  const before = asked.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked.length - before).toBeLessThan(6)
})
