// Signing somebody up as staff: who, what to do when it is full, and which rules are overruled.

import { t } from '@lib/t'
import type { NewSignUp } from '@api/types'
import { peopleOf } from './party'
import type { Refusal } from './shapes'
import { mayOverrule, overruled } from './words'

export interface AddDraft {
  who: 'known' | 'new'
  first_name: string
  last_name: string
  email: string
  phone: string
  /** party is how many come, the person included, as typed */
  party: string
  /** when_full: wait in line, or a place beyond the places */
  when_full: 'wait' | 'over'
  /** override: staff have agreed to overrule what stands against it */
  override: boolean
  note: string
  tell: boolean
}

/** FIELDS are the names the server uses in its problems. */
export const FIELDS = [
  'person_id',
  'first_name',
  'last_name',
  'email',
  'phone',
  'party',
  'override',
  'note',
] as const

type Rule = NonNullable<NewSignUp['override']>[number]

const OVERRIDABLE: readonly Rule[] = [
  'ended',
  'not_yet_open',
  'cut_off',
  'full',
  'party',
  'overlap',
  'requirement',
  'locked_out',
]

export const emptyAdd = (): AddDraft => ({
  who: 'known',
  first_name: '',
  last_name: '',
  email: '',
  phone: '',
  party: '1',
  when_full: 'wait',
  override: false,
  note: '',
  tell: true,
})

/** isFull tells whether there are too few places: then somebody waits, or gets one beyond them. */
export const isFull = (refusals: readonly Refusal[]): boolean => refusals.some((r) => r.rule === 'full')

/** standing are the refusals that have to be overruled: being full is none where the person waits. */
export const standing = (refusals: readonly Refusal[], draft: Pick<AddDraft, 'when_full'>): Refusal[] =>
  refusals.filter((r) => !(r.rule === 'full' && draft.when_full === 'wait'))

/** toOverrule are the rules that the request names. */
export const toOverrule = (draft: AddDraft, refusals: readonly Refusal[]): string[] =>
  overruled(standing(refusals, draft))

/** addProblems says what is missing before it is sent. */
export function addProblems(
  draft: AddDraft,
  person: string | undefined,
  refusals: readonly Refusal[],
): Record<string, string | undefined> {
  const rules = toOverrule(draft, refusals)
  const wait = standing(refusals, draft)
  return {
    ...(draft.who === 'known'
      ? { person_id: person ? undefined : t('volunteers.add.person_missing') }
      : {
          first_name:
            draft.first_name.trim() || draft.last_name.trim() ? undefined : t('volunteers.add.name_missing'),
        }),
    party: peopleOf(draft.party) === undefined ? t('volunteers.party.wrong') : undefined,
    override: !mayOverrule(wait)
      ? t('volunteers.add.cannot')
      : rules.length > 0 && !draft.override
        ? t('volunteers.add.override_missing')
        : undefined,
    note:
      rules.length > 0 && draft.override && !draft.note.trim() ? t('volunteers.add.note_missing') : undefined,
  }
}

/** bodyOf is what is sent. */
export function bodyOf(draft: AddDraft, person: string | undefined, refusals: readonly Refusal[]): NewSignUp {
  const rules = draft.override ? toOverrule(draft, refusals) : []
  return {
    ...(draft.who === 'known'
      ? { person_id: person ?? '' }
      : {
          person: {
            first_name: draft.first_name.trim(),
            last_name: draft.last_name.trim(),
            email: draft.email.trim(),
            phone: draft.phone.trim(),
          },
        }),
    party: peopleOf(draft.party) ?? 1,
    wait: isFull(refusals) && draft.when_full === 'wait',
    override: OVERRIDABLE.filter((rule) => rules.includes(rule)),
    note: rules.length > 0 ? draft.note.trim() : '',
    tell: draft.tell,
  }
}
