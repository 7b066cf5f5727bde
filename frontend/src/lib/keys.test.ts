import { expect, it } from 'vitest'
import en from '../locales/en.json'

const sources = import.meta.glob<string>(['../**/*.{ts,svelte}', '!../**/*.test.ts', '!../api/gen/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

// Either t('key' or t(condition ? 'key' : 'key'. Keys put together from parts are left to the tests of their screens.
const CALL = /(?<![\w.$])t\(\s*(?:'([^']+)'|[^'?)]+\?\s*'([^']+)'\s*:\s*'([^']+)')\s*[,)]/g

const keysOf = (source: string): string[] =>
  [...source.matchAll(CALL)].flatMap((found) => found.slice(1).filter((key) => key !== undefined))

it('finds the keys that a source names', () => {
  expect(keysOf(`{t('a.b')} {t(more > 0 ? 'c' : 'd', { Count: 1 })} {t(\`e.\${x}\`)} at('f')`)).toEqual([
    'a.b',
    'c',
    'd',
  ])
})

it('knows every key that the sources name', () => {
  const missing = Object.entries(sources).flatMap(([path, source]) =>
    keysOf(source)
      .filter((key) => !(key in en))
      .map((key) => `${path}: ${key}`),
  )
  expect(Object.keys(sources).length).toBeGreaterThan(100)
  expect(missing).toEqual([])
})
