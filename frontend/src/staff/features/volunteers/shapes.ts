// What the screens of volunteer work show, by the contract.

import type { CoverAsk, Opportunity, Shift, SignUp } from '@api/types'

export type {
  CoverAsk as Ask,
  CredentialKind,
  Occurrence,
  Opportunity,
  Proposal,
  ProposalReason as Reason,
  Refusal,
  Shift,
  ShiftDetail,
  ShiftDifference as Difference,
  ShiftNotice as Notice,
  SignUp,
  Volunteer as VolunteerLine,
} from '@api/types'

export type Place = Opportunity['place']
export type Fill = Shift['fill']
export type SignUpStatus = SignUp['status']
export type Answer = CoverAsk['answer']
