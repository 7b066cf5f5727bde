// Signing somebody up as staff: who, what to do when it is full, and which rules are overruled.

import { t } from '@lib/t'
import type { NewSignUp } from '@api/types'
import type { Refusal } from './shapes'
import { mayOverrule, overruled } from './words'

export interface AddDraft {
  who: 'known' | 'new'
  first_name: string
  last_name: string
  email: string
  phone: string
  /** when_full: wait in line, or a place beyond the places */
  when_full: 'wait' | 'over'
  /** override: staff have agreed to overrule what stands against it */
  override: boolean
  note: string
  tell: boolean
}

/** FIELDS are the names the server uses in its problems. */
export const FIELDS = ['person_id', 'first_name', 'last_name', 'email', 'phone', 'override', 'note'] as const

type Rule = NonNullable<NewSignUp['override']>[number]

const OVERRIDABLE: readonly Rule[] = [
  'ended',
  'not_yet_open',
  'cut_off',
  'full',
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
  when_full: 'wait',
  override: false,
  note: '',
  tell: true,
})

/** standing are the refusals that have to be overruled: being full is none where the person waits. */
export const standing = (refusals: readonly Refusal[], draft: Pick<AddDraft, 'when_full'>): Refusal[] =>
  refusals.filter((r) => !(r.rule === 'full' && draft.when_full === 'wait'))

/** toOverrule are the rules that the request names. */
export function toOverrule(draft: AddDraft, refusals: readonly Refusal[], full: boolean): string[] {
  const rules = overruled(standing(refusals, draft))
  // Of somebody new nobody has asked yet: the shift itself says that it is full.
  return full && draft.when_full === 'over' && !rules.includes('full') ? [...rules, 'full'] : rules
}

/** addProblems says what is missing before it is sent. */
export function addProblems(
  draft: AddDraft,
  person: string | undefined,
  refusals: readonly Refusal[],
  full: boolean,
): Record<string, string | undefined> {
  const rules = toOverrule(draft, refusals, full)
  const wait = standing(refusals, draft)
  return {
    ...(draft.who === 'known'
      ? { person_id: person ? undefined : t('volunteers.add.person_missing') }
      : {
          first_name:
            draft.first_name.trim() || draft.last_name.trim() ? undefined : t('volunteers.add.name_missing'),
        }),
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
export function bodyOf(
  draft: AddDraft,
  person: string | undefined,
  refusals: readonly Refusal[],
  full: boolean,
): NewSignUp {
  const rules = draft.override ? toOverrule(draft, refusals, full) : []
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
    wait: full && draft.when_full === 'wait',
    override: OVERRIDABLE.filter((rule) => rules.includes(rule)),
    note: rules.length > 0 ? draft.note.trim() : '',
    tell: draft.tell,
  }
}
