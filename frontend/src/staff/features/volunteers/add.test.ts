import { describe, expect, it } from 'vitest'
import '@lib/testing'
import { addProblems, bodyOf, emptyAdd } from './add'
import type { Refusal } from './shapes'

const full: Refusal = { rule: 'full', message: 'All places are taken.', overridable: true }
const overlap: Refusal = { rule: 'overlap', message: 'You already help.', overridable: true }
const party: Refusal = { rule: 'party', message: 'At most 4 people.', overridable: true }
const already: Refusal = { rule: 'already_signed_up', message: 'You are signed up.', overridable: false }
const found = (problems: Record<string, string | undefined>) =>
  Object.keys(problems).filter((field) => problems[field])

describe('signing up somebody on record', () => {
  it('asks for the person', () => {
    expect(found(addProblems(emptyAdd(), undefined, []))).toEqual(['person_id'])
  })

  it('sends no override where nothing stands against it', () => {
    expect(bodyOf(emptyAdd(), 'p1', [])).toEqual({
      person_id: 'p1',
      party: 1,
      wait: false,
      override: [],
      note: '',
      tell: true,
    })
  })

  it('waits in line when full, which overrules nothing', () => {
    expect(found(addProblems(emptyAdd(), 'p1', [full]))).toEqual([])
    expect(bodyOf(emptyAdd(), 'p1', [full])).toMatchObject({ wait: true, override: [] })
  })

  it('names every rule it overrules and wants to know why', () => {
    const draft = { ...emptyAdd(), when_full: 'over' as const }
    expect(found(addProblems(draft, 'p1', [full, overlap]))).toEqual(['override'])
    draft.override = true
    expect(found(addProblems(draft, 'p1', [full, overlap]))).toEqual(['note'])
    draft.note = ' Drives both '
    expect(found(addProblems(draft, 'p1', [full, overlap]))).toEqual([])
    expect(bodyOf(draft, 'p1', [full, overlap])).toMatchObject({
      wait: false,
      override: ['full', 'overlap'],
      note: 'Drives both',
    })
  })

  it('asks how many come, and overrules by name that they are too many', () => {
    const draft = { ...emptyAdd(), party: '6' }
    expect(found(addProblems(draft, 'p1', [full, party]))).toEqual(['override'])
    Object.assign(draft, { override: true, note: 'A team' })
    expect(bodyOf(draft, 'p1', [full, party])).toMatchObject({ party: 6, wait: true, override: ['party'] })
    for (const nonsense of ['', '0', '51', 'x'])
      expect(found(addProblems({ ...emptyAdd(), party: nonsense }, 'p1', []))).toEqual(['party'])
  })

  it('cannot give somebody a second place', () => {
    const draft = { ...emptyAdd(), override: true, note: 'please' }
    expect(addProblems(draft, 'p1', [already]).override).toMatch(/cannot be overruled/)
  })
})

describe('signing up somebody new', () => {
  it('asks for a name, and for the rules of the shift to be overruled', () => {
    const draft = { ...emptyAdd(), who: 'new' as const, when_full: 'over' as const }
    expect(found(addProblems(draft, undefined, [full]))).toEqual(['first_name', 'override'])
    Object.assign(draft, { first_name: ' Grace ', email: 'g@example.org', override: true, note: 'x' })
    expect(bodyOf(draft, 'p1', [full])).toEqual({
      person: { first_name: 'Grace', last_name: '', email: 'g@example.org', phone: '' },
      party: 1,
      wait: false,
      override: ['full'],
      note: 'x',
      tell: true,
    })
  })
})
