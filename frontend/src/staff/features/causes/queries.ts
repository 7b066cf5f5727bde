// What the screens of causes and funds ask of the server.

import { queryOptions } from '@tanstack/svelte-query'
import {
  changeCause,
  changeFund,
  createCause,
  createFund,
  listCauses,
  type ChangeCauseData,
  type ChangeFundData,
  type CreateCauseData,
  type CreateFundData,
} from '@api/gen'
import { key } from '../../keys'

export const RESTRICTIONS = ['unrestricted', 'purpose', 'time', 'endowment'] as const

export const causesQuery = () =>
  queryOptions({ queryKey: key('causes'), queryFn: ({ signal }) => listCauses({ signal }) })

export const addCause = (body: CreateCauseData['body']) => createCause({ body })
export const updateCause = (id: string, body: ChangeCauseData['body']) => changeCause({ path: { id }, body })
export const addFund = (causeId: string, body: CreateFundData['body']) =>
  createFund({ path: { id: causeId }, body })
export const updateFund = (id: string, body: ChangeFundData['body']) => changeFund({ path: { id }, body })
