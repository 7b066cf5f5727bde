// Form state in one place: what is wrong with which field, whether a submission is on its way, and the key
// that makes a repeated submission harmless. The server is the judge; checks here only save a round trip.

import { newKey } from './idempotency'
import { asApiError, messageOf, type FieldProblem } from './problem'

export type FieldErrors = Record<string, string>

/** fieldOf turns a problem's location into a field name: "body.amount.amount_minor" becomes "amount". */
export function fieldOf(location: string, known: readonly string[]): string {
  const parts = location
    .replace(/^(body|query|path)\.?/, '')
    .replace(/^#?\//, '')
    .split(/[./]/)
  for (let n = parts.length; n > 0; n--) {
    const name = parts.slice(0, n).join('.')
    if (known.includes(name)) return name
  }
  return ''
}

/** FormState belongs to one opened form. Its fields are named as in the request body. */
export class FormState {
  errors = $state<FieldErrors>({})
  general = $state('')
  busy = $state(false)
  /** submits counts failed submissions; the error summary takes focus when it changes. */
  submits = $state(0)
  readonly prefix: string
  readonly #fields: readonly string[]
  #key = newKey()

  constructor(fields: readonly string[], prefix = 'f') {
    this.#fields = fields
    this.prefix = prefix
  }

  /** key is the Idempotency-Key of this form; it changes only after a submission was accepted. */
  get key(): string {
    return this.#key
  }

  get failed(): boolean {
    return this.general !== '' || Object.keys(this.errors).length > 0
  }

  /** id is the DOM id of a field's control, which the summary links to. */
  id(field: string): string {
    return `${this.prefix}-${field.replaceAll('.', '-')}`
  }

  error(field: string): string | undefined {
    return this.errors[field]
  }

  /** control ties an input to its field: what is wrong with it stands there until somebody changes it. */
  control(field: string) {
    return { id: this.id(field), error: this.error(field), oninput: () => this.clear(field) }
  }

  /** clear forgets what is wrong with a field, as soon as the person changes it. */
  clear(field: string): void {
    if (!(field in this.errors)) return
    const { [field]: _gone, ...rest } = this.errors
    this.errors = rest
  }

  reset(): void {
    this.errors = {}
    this.general = ''
    this.#key = newKey()
  }

  /** reject shows errors found before sending. It returns whether there were any. */
  reject(errors: Record<string, string | undefined>): boolean {
    const found = Object.entries(errors).filter((e): e is [string, string] => Boolean(e[1]))
    this.general = ''
    this.errors = Object.fromEntries(found)
    if (found.length > 0) this.submits++
    return found.length > 0
  }

  /** fail shows what the server refused, each sentence at its field, the rest above the form. */
  fail(thrown: unknown): void {
    const error = asApiError(thrown)
    const errors: FieldErrors = {}
    const loose: string[] = []
    for (const e of error.problem.errors ?? []) this.#place(e, errors, loose)
    this.errors = errors
    const shown = Object.keys(errors).length > 0
    this.general = loose.join(' ') || (shown ? '' : messageOf(error))
    this.submits++
  }

  /** submit runs one submission at a time; a second press while one is running does nothing. */
  async submit<T>(send: (key: string) => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined
    this.busy = true
    this.errors = {}
    this.general = ''
    try {
      const result = await send(this.#key)
      this.#key = newKey()
      return result
    } catch (thrown) {
      // A refused request changed nothing, so its correction is a new one. After a lost answer the key
      // stays: the server recognises the repetition.
      const status = asApiError(thrown).status
      if (status >= 400 && status < 500 && status !== 409) this.#key = newKey()
      this.fail(thrown)
      return undefined
    } finally {
      this.busy = false
    }
  }

  #place(problem: FieldProblem, errors: FieldErrors, loose: string[]): void {
    const field = problem.location ? fieldOf(problem.location, this.#fields) : ''
    if (field === '') loose.push(problem.message)
    else errors[field] ??= problem.message
  }
}
