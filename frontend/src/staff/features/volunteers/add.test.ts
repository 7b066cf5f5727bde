import { describe, expect, it } from 'vitest'
import '@lib/testing'
import { addProblems, bodyOf, emptyAdd, toOverrule } from './add'
import type { Refusal } from './shapes'

const full: Refusal = { rule: 'full', message: 'All places are taken.', overridable: true }
const overlap: Refusal = { rule: 'overlap', message: 'You already help.', overridable: true }
const already: Refusal = { rule: 'already_signed_up', message: 'You are signed up.', overridable: false }
const found = (problems: Record<string, string | undefined>) =>
  Object.keys(problems).filter((field) => problems[field])

describe('signing up somebody on record', () => {
  it('asks for the person', () => {
    expect(found(addProblems(emptyAdd(), undefined, [], false))).toEqual(['person_id'])
  })

  it('sends no override where nothing stands against it', () => {
    expect(bodyOf(emptyAdd(), 'p1', [], false)).toEqual({
      person_id: 'p1',
      wait: false,
      override: [],
      note: '',
      tell: true,
    })
  })

  it('waits in line when full, which overrules nothing', () => {
    expect(found(addProblems(emptyAdd(), 'p1', [full], true))).toEqual([])
    expect(bodyOf(emptyAdd(), 'p1', [full], true)).toMatchObject({ wait: true, override: [] })
  })

  it('names every rule it overrules and wants to know why', () => {
    const draft = { ...emptyAdd(), when_full: 'over' as const }
    expect(found(addProblems(draft, 'p1', [full, overlap], true))).toEqual(['override'])
    draft.override = true
    expect(found(addProblems(draft, 'p1', [full, overlap], true))).toEqual(['note'])
    draft.note = ' Drives both '
    expect(found(addProblems(draft, 'p1', [full, overlap], true))).toEqual([])
    expect(bodyOf(draft, 'p1', [full, overlap], true)).toMatchObject({
      wait: false,
      override: ['full', 'overlap'],
      note: 'Drives both',
    })
  })

  it('cannot give somebody a second place', () => {
    const draft = { ...emptyAdd(), override: true, note: 'please' }
    expect(addProblems(draft, 'p1', [already], false).override).toMatch(/cannot be overruled/)
  })
})

describe('signing up somebody new', () => {
  it('asks for a name, and overrules that it is full by itself', () => {
    const draft = { ...emptyAdd(), who: 'new' as const, when_full: 'over' as const }
    expect(found(addProblems(draft, undefined, [], true))).toEqual(['first_name', 'override'])
    expect(toOverrule(draft, [], true)).toEqual(['full'])
    Object.assign(draft, { first_name: ' Grace ', email: 'g@example.org', override: true, note: 'x' })
    expect(bodyOf(draft, 'p1', [], true)).toEqual({
      person: { first_name: 'Grace', last_name: '', email: 'g@example.org', phone: '' },
      wait: false,
      override: ['full'],
      note: 'x',
      tell: true,
    })
  })
})
