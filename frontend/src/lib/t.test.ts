import { afterAll, beforeAll, expect, it } from 'vitest'
import en from '../locales/en.json'
import { has, setMessages, t } from './t'

beforeAll(() => {
  setMessages(
    {
      hello: 'Hello {{.Name}}',
      files: { one: '{{.Count}} file', few: '{{.Count}} pliki', other: '{{.Count}} files' },
    },
    'en',
  )
})

afterAll(() => setMessages(en, 'en'))

it('fills placeholders', () => {
  expect(t('hello', { Name: 'Ada' })).toBe('Hello Ada')
})

it('shows a placeholder nobody filled, rather than nothing', () => {
  expect(t('hello')).toBe('Hello {{.Name}}')
})

it('chooses the plural form of the language', () => {
  expect(t('files', { Count: 1 })).toBe('1 file')
  expect(t('files', { Count: 1234 })).toBe('1,234 files')
})

it('returns an unknown key as it is', () => {
  expect(t('no.such.key')).toBe('no.such.key')
  expect(has('no.such.key')).toBe(false)
})

it('uses the rules of the language and falls back to other', () => {
  setMessages({ files: { few: '{{.Count}} pliki', other: '{{.Count}} plików' } }, 'pl')
  expect(t('files', { Count: 3 })).toBe('3 pliki')
  expect(t('files', { Count: 5 })).toBe('5 plików')
})
