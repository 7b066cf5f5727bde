// What was done at the door and has not reached the server yet. Each action is written down on the device before anything else
// happens, with the key under which the server knows it again; so a dead network, a reload or a crash between sending and the
// answer neither loses an action nor does it twice. Actions leave in the order in which they were done.

import { newKey } from '@lib/idempotency'
import { asApiError, type ApiError } from '@lib/problem'

export type Step = 'in' | 'count' | 'out' | 'undo' | 'no_show' | 'walk_in'

export interface Newcomer {
  first_name: string
  last_name: string
  email?: string
  phone?: string
}

export interface Refusal {
  status: number
  code: string
  message: string
}

export interface Action {
  id: string
  /** key is the Idempotency-Key: another one means another request */
  key: string
  seq: number
  step: Step
  /** signUp is the id of a sign-up, or localId of the walk-in that will have one */
  signUp: string
  shift: string
  /** name is whom it is about, for the words on the screen */
  name: string
  /** happenedAt is by the clock of this device, which may be wrong: the server takes only the time that has passed since */
  happenedAt: string
  note?: string
  /** undoes is what an undo takes back, so that it takes back only that */
  undoes?: 'in' | 'out' | 'no_show'
  newcomer?: Newcomer
  /** party is how many came, the person included; without it as many as signed up */
  party?: number
  /** was is how many were expected or counted before the step, or before the one that an undo takes back */
  was?: number
  /** tries counts how often it was sent; from the first on the server may know of it */
  tries: number
  firstSentAt?: string
  refusal?: Refusal
}

export type NewAction = Pick<
  Action,
  'step' | 'signUp' | 'shift' | 'name' | 'happenedAt' | 'note' | 'undoes' | 'newcomer' | 'party' | 'was'
>

/** HELD is the code of an action that was not sent because the one before it was refused. */
export const HELD = 'door.held'

/** localId stands for the sign-up of a walk-in until the server has given it one. */
export const localId = (action: string): string => `walk-in:${action}`

/** Box is where actions wait. */
export interface Box {
  /** all is in the order in which they were done */
  all(): Action[]
  /** put returns whether the action will survive a reload */
  put(action: Action): boolean
  remove(id: string): void
}

/**
 * localBox keeps the actions of one login at one organization on this device. Every action has an entry of its own, so that two
 * tabs never overwrite each other's. Where the browser forbids storage they wait in memory.
 */
export function localBox(owner: string, storage: Storage = localStorage): Box {
  const prefix = `tributary.door.${owner}.`
  const memory = new Map<string, Action>()

  function stored(): Action[] {
    const found: Action[] = []
    for (let i = 0; i < storage.length; i++) {
      const name = storage.key(i)
      if (!name?.startsWith(prefix)) continue
      const action = parse(storage.getItem(name))
      if (action) found.push(action)
    }
    return found
  }

  return {
    all() {
      const kept = readable(stored) ?? []
      const ids = new Set(kept.map((a) => a.id))
      return [...kept, ...[...memory.values()].filter((a) => !ids.has(a.id))].sort(byOrder)
    },
    put(action) {
      try {
        storage.setItem(prefix + action.id, JSON.stringify(action))
        memory.delete(action.id)
        return true
      } catch {
        memory.set(action.id, action)
        return false
      }
    },
    remove(id) {
      memory.delete(id)
      readable(() => storage.removeItem(prefix + id))
    },
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function parse(text: string | null): Action | undefined {
  const value = readable(() => JSON.parse(text ?? 'null') as unknown)
  return typeof value === 'object' && value !== null && 'id' in value ? (value as Action) : undefined
}

// Two tabs may count to the same number; then the clock decides.
const byOrder = (a: Action, b: Action) =>
  a.seq - b.seq || a.happenedAt.localeCompare(b.happenedAt) || a.id.localeCompare(b.id)

/** Status says what the queue is doing, and why nothing moves. */
export type Status = 'idle' | 'sending' | 'offline' | 'signed_out'

export interface QueueOptions<Answer> {
  box: Box
  /** send carries one action to the server; sentAt is this device's clock at this very try */
  send: (action: Action, sentAt: string) => Promise<Answer>
  /** signUpOf reads the id of the sign-up from the answer to a walk-in */
  signUpOf: (answer: Answer) => string
  onsent: (action: Action, answer: Answer) => void
  onchange: () => void
  /** lock is a name under which only one tab at a time sends */
  lock: string
  now?: () => number
}

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 60_000

/** Queue sends what waits in a box, one after the other. */
export class Queue<Answer> {
  status: Status = 'idle'
  /** kept is whether everything would survive a reload */
  kept = true
  readonly #options: QueueOptions<Answer>
  #running: Promise<void> | undefined
  #again = false
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: QueueOptions<Answer>) {
    this.#options = options
  }

  /** waiting is what will be sent. */
  get waiting(): Action[] {
    return this.#options.box.all().filter((a) => !a.refusal)
  }

  /** refused is what the server said no to, each followed by what was held back because of it. */
  get refused(): Action[] {
    return this.#options.box.all().filter((a) => a.refusal)
  }

  /** add writes an action down and sends it as soon as what was done before has been sent. */
  add(fields: NewAction): Action {
    const { box, onchange } = this.#options
    const last = box.all().at(-1)
    const action: Action = { ...fields, id: newKey(), key: newKey(), seq: (last?.seq ?? 0) + 1, tries: 0 }
    // What follows a refused step would be judged as if that had been done.
    const before = box.all().some((a) => a.refusal && a.signUp === action.signUp)
    if (before) action.refusal = { status: 0, code: HELD, message: '' }
    this.kept = box.put(action) && this.kept
    onchange()
    void this.drain()
    return action
  }

  /**
   * takeBack removes an action that has certainly not been sent. It returns false when the server may know of it: then the
   * way back is an action of its own.
   */
  async takeBack(id: string): Promise<boolean> {
    return this.#locked(async () => {
      const { box, onchange } = this.#options
      const action = box.all().find((a) => a.id === id)
      if (!action || action.tries > 0) return false
      box.remove(id)
      onchange()
      return true
    }, false)
  }

  /** again sends a refused action anew, and what was held back behind it. */
  async again(id: string): Promise<void> {
    const { box, onchange } = this.#options
    for (const action of this.#chain(id)) {
      const { refusal: _gone, firstSentAt: _first, ...rest } = action
      // The old key would be answered with the old refusal.
      box.put({ ...rest, key: newKey(), tries: 0 })
    }
    onchange()
    await this.drain()
  }

  /** discard forgets a refused action, and what was held back behind it. */
  discard(id: string): void {
    for (const action of this.#chain(id)) this.#options.box.remove(action.id)
    this.#options.onchange()
  }

  #chain(id: string): Action[] {
    const refused = this.refused
    const first = refused.find((a) => a.id === id)
    if (!first) return []
    return refused.filter((a) => a === first || (a.signUp === first.signUp && a.refusal?.code === HELD))
  }

  /** drain sends until nothing waits or nothing moves. Calling it while it runs makes it look again. */
  drain(): Promise<void> {
    clearTimeout(this.#timer)
    this.#again = true
    this.#running ??= this.#run()
    return this.#running
  }

  /** stop cancels the next try by itself. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    let moved = true
    try {
      while (this.#again && moved) {
        this.#again = false
        moved = await this.#locked(() => this.#empty(), true)
      }
    } finally {
      // In the same breath as the last look at #again, or what is added in between would wait for nobody.
      this.#running = undefined
    }
  }

  // The box is read anew before each step: another tab, or the person, may have changed it meanwhile.
  async #empty(): Promise<boolean> {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      if (!(await this.#deliver(next))) return false
    }
    this.#become('idle')
    return true
  }

  async #deliver(next: Action): Promise<boolean> {
    const { box, send, onsent, now = Date.now } = this.#options
    const sentAt = new Date(now()).toISOString()
    const action = { ...next, tries: next.tries + 1, firstSentAt: next.firstSentAt ?? sentAt }
    box.put(action)
    if (this.status === 'idle') this.#become('sending')
    let answer: Answer
    try {
      answer = await send(action, sentAt)
    } catch (thrown) {
      return this.#failed(action, asApiError(thrown))
    }
    this.#failures = 0
    this.#become('sending')
    // First those that wait for the id, then the walk-in itself: a crash in between sends it again and gets the same answer.
    if (action.step === 'walk_in') this.#rename(localId(action.id), this.#options.signUpOf(answer))
    box.remove(action.id)
    onsent(action, answer)
    this.#options.onchange()
    return true
  }

  #rename(from: string, to: string): void {
    const { box } = this.#options
    for (const action of box.all()) if (action.signUp === from) box.put({ ...action, signUp: to })
  }

  #failed(action: Action, error: ApiError): boolean {
    if (error.status === 401) {
      this.#become('signed_out')
      return false
    }
    if (mayPass(error)) {
      this.#become('offline')
      this.#failures++
      const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#failures - 1))
      this.#timer = setTimeout(() => void this.drain(), wait)
      return false
    }
    this.#refuse(action, error)
    return true
  }

  #refuse(action: Action, error: ApiError): void {
    const { box } = this.#options
    this.#failures = 0
    const { status, code, message } = error
    const follows = action.step === 'walk_in' ? localId(action.id) : action.signUp
    for (const later of this.waiting)
      if (later.id !== action.id && later.signUp === follows)
        box.put({ ...later, refusal: { status: 0, code: HELD, message: '' } })
    box.put({ ...action, refusal: { status, code, message } })
    this.#options.onchange()
  }

  #become(status: Status): void {
    if (this.status === status) return
    this.status = status
    this.#options.onchange()
  }

  // Without locks (a page without TLS) two tabs may send the same action; its key keeps that harmless.
  async #locked(run: () => Promise<boolean>, wait: boolean): Promise<boolean> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
    if (!locks) return this.#running && !wait ? false : run()
    return locks.request(this.#options.lock, { ifAvailable: !wait }, async (lock) => (lock ? run() : false))
  }
}

// The network, a busy or broken server, and a first try that is still under way: the same request may pass later.
function mayPass(error: ApiError): boolean {
  return (
    error.status === 0 ||
    error.status === 408 ||
    error.status === 429 ||
    error.status >= 500 ||
    error.code === 'idempotency.in_flight'
  )
}
