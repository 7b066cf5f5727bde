import { expect, it } from 'vitest'
import '@lib/testing'
import { einOf } from '../registry/queries'
import { roleOptions, slugOf } from './options'

it('a slug keeps letters and digits of any spelling', () => {
  expect(slugOf('Riverbend Trust')).toBe('riverbend-trust')
  expect(slugOf('  Café & Élan!  ')).toBe('cafe-elan')
  expect(slugOf('河')).toBe('')
  expect(slugOf('a'.repeat(50))).toHaveLength(40)
  expect(slugOf(`${'a'.repeat(39)} b`)).toBe('a'.repeat(39))
})

it('admins cannot make owners', () => {
  expect(roleOptions('owner').map((o) => o.value)).toContain('owner')
  expect(roleOptions('admin').map((o) => o.value)).not.toContain('owner')
})

it('an EIN is recognised with and without its dash', () => {
  expect([einOf('83-0123456'), einOf(' 010234567 '), einOf('river'), einOf('123')]).toEqual([
    '83-0123456',
    '010234567',
    '',
    '',
  ])
})
