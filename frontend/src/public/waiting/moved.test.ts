import { moved } from './moved'

afterEach(() => vi.unstubAllGlobals())

const page = (state: string, status = 200) =>
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(`<main data-state="${state}">`, { status })))

test('a page that still waits has not moved', async () => {
  page('waiting')
  expect(await moved('/pay/x/y')).toBe(false)
})

test('a page that says something else has moved', async () => {
  page('paid')
  expect(await moved('/pay/x/y')).toBe(true)
})

test('a page that fails or cannot be reached is looked at again', async () => {
  page('paid', 503)
  expect(await moved('/pay/x/y')).toBe(false)
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
  expect(await moved('/pay/x/y')).toBe(false)
})
