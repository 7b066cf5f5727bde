// What the server says when it refuses: RFC 9457 problem documents, as errors the screens can show.

import { t, has } from './t'

export interface FieldProblem {
  location?: string
  message: string
  code?: string
}

export interface Problem {
  type?: string
  title: string
  status: number
  detail?: string
  code?: string
  errors?: FieldProblem[]
}

/** ApiError is every failed call: the problem document, or the network's failure as status 0. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.name = 'ApiError'
    this.problem = problem
  }

  get status(): number {
    return this.problem.status
  }

  get code(): string {
    return this.problem.code ?? ''
  }
}

/** problemOf reads the body of a refusal, also when a proxy answered in HTML. */
export function problemOf(body: unknown, status: number): Problem {
  return isProblem(body) ? { ...body, status } : { title: t('error.unexpected'), status }
}

/** readProblem turns a refused response into an ApiError. */
export async function readProblem(response: Response): Promise<ApiError> {
  return new ApiError(problemOf(await response.json().catch(() => null), response.status))
}

/** asApiError makes any thrown value an ApiError; a failed fetch becomes "no connection". */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (isProblem(thrown)) return new ApiError(thrown)
  return new ApiError({ title: t('error.offline'), status: 0 })
}

/** messageOf is the sentence to show: our own words for a known code, else the server's. */
export function messageOf(thrown: unknown): string {
  const error = asApiError(thrown)
  const key = `error.code.${error.code}`
  return error.code && has(key) ? t(key) : error.message
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'title' in value && typeof value.title === 'string'
}
