// The door of one login at one organization: what waits to be sent, what was refused, and what was done last. It goes on sending while
// another screen is shown, as long as the same login is at the same organization.

import { ApiError } from '@lib/problem'
import { session } from '@lib/session.svelte'
import type { DoorPerson } from '@api/types'
import { sendAction, type Seen } from './api'
import { linesOf, type Answer, type Line } from './board'
import { stamp } from './moment'
import { localBox, localId, Queue, type Action, type NewAction, type Status } from './queue'

/** Did is the last step, as long as it is offered to be taken back. */
export interface Did {
  action: Action
  words: string
}

/** UNDO is how long the way back is offered right where the step was made; afterwards it is in the person's details. */
export const UNDO = 10_000

export class Door {
  waiting = $state.raw<Action[]>([])
  refused = $state.raw<Action[]>([])
  status = $state<Status>('idle')
  kept = $state(true)
  did = $state.raw<Did>()
  /** sent counts what the server has taken, so that screens know when to ask anew */
  sent = $state(0)
  readonly #owner: string
  readonly #queue: Queue<DoorPerson>
  #answers = $state.raw<Record<string, Answer>>({})
  readonly #signUps: Record<string, string> = {}
  /** #expected is how many were expected of a sign-up before it was checked in here */
  readonly #expected: Record<string, number> = {}
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(owner: string) {
    this.#owner = owner
    this.#queue = new Queue<DoorPerson>({
      box: localBox(owner),
      send: (action, sentAt) => this.#send(action, sentAt),
      signUpOf: (view) => view.sign_up_id,
      onsent: (action, view) => {
        this.#signUps[action.id] = view.sign_up_id
        this.#answers = { ...this.#answers, [view.sign_up_id]: { view, at: Date.now() } }
        this.sent++
      },
      onchange: () => this.#look(),
      lock: `tributary.door.${owner}`,
    })
    this.#look()
  }

  /** lines is everybody as they stand now: the server's list, what it answered since, and what it has not heard of. */
  lines(seen: Seen): Line[] {
    return linesOf(seen, Object.values(this.#answers), this.waiting)
  }

  /** act does a step at once on the screen and sends it as soon as it can. */
  act(fields: NewAction, words: string): void {
    const action = this.#queue.add(fields)
    if (fields.step === 'in' && fields.was !== undefined) this.#expected[fields.signUp] = fields.was
    this.did = { action, words }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.did = undefined), UNDO)
  }

  /** undo takes a step back: out of the queue while it is certainly there only, else by a step of its own. */
  async undo({ action }: Did): Promise<void> {
    this.did = undefined
    if (await this.#queue.takeBack(action.id)) return
    if (this.refused.some((a) => a.id === action.id)) return this.#queue.discard(action.id)
    const walkIn = action.step === 'walk_in'
    const signUp = this.#signUps[action.id] ?? (walkIn ? localId(action.id) : action.signUp)
    const { shift, name, was } = action
    const of = { signUp, shift, name }
    if (action.step !== 'count') this.takeBack(of, walkIn ? 'in' : action.step)
    else if (was !== undefined)
      this.#queue.add({ ...of, step: 'count', party: was, happenedAt: stamp(Date.now()) })
  }

  /** takeBack adds the step that takes another one back. With a check-in the server takes back how many came, too. */
  takeBack(of: Pick<NewAction, 'signUp' | 'shift' | 'name'>, step: Action['step']): void {
    const undoes = step === 'out' || step === 'no_show' ? step : 'in'
    const { signUp, shift, name } = of
    const expected = undoes === 'in' ? this.#expected[signUp] : undefined
    const was = expected === undefined ? {} : { was: expected }
    this.#queue.add({ step: 'undo', undoes, signUp, shift, name, happenedAt: stamp(Date.now()), ...was })
  }

  again = (id: string): Promise<void> => this.#queue.again(id)
  discard = (id: string): void => this.#queue.discard(id)

  /** wake sends what waits: when the network is back, when the tab is looked at again, when another tab added something. */
  wake = (): void => {
    this.#look()
    if (this.waiting.length > 0) void this.#queue.drain()
  }

  /** listen keeps the door awake and returns the function that stops listening. */
  listen(): () => void {
    const visible = () => {
      if (!document.hidden) this.wake()
    }
    window.addEventListener('online', this.wake)
    window.addEventListener('storage', this.wake)
    document.addEventListener('visibilitychange', visible)
    this.wake()
    return () => {
      window.removeEventListener('online', this.wake)
      window.removeEventListener('storage', this.wake)
      document.removeEventListener('visibilitychange', visible)
    }
  }

  async #send(action: Action, sentAt: string): Promise<DoorPerson> {
    // Another organization is on the screen, or another login: it would be told of what is not its own.
    if (ownerOf() !== this.#owner) throw new ApiError({ title: 'not here', status: 0 })
    return sendAction(action, sentAt)
  }

  #look(): void {
    this.waiting = this.#queue.waiting
    this.refused = this.#queue.refused
    this.status = this.#queue.status
    this.kept = this.#queue.kept
  }
}

const ownerOf = (): string => `${session.slug}.${session.login?.id ?? ''}`

let open: { owner: string; door: Door } | undefined

/** openDoor is the door of whoever is signed in; there is one of it, so that nothing is sent twice. */
export function openDoor(): Door {
  const owner = ownerOf()
  if (open?.owner !== owner) open = { owner, door: new Door(owner) }
  return open.door
}

/** closeDoors forgets the open door, for tests. */
export function closeDoors(): void {
  open = undefined
}

const name = (day: string) => `tributary.door-list.${ownerOf()}.${day}`

/** keepList remembers the last list in this tab, so that a reload in a dead network still shows it. */
export function keepList(day: string, seen: Seen): void {
  try {
    sessionStorage.setItem(name(day), JSON.stringify(seen))
  } catch {
    // Without storage a reload needs the network.
  }
}

/** keptList is what keepList remembered. */
export function keptList(day: string): Seen | undefined {
  try {
    const text = sessionStorage.getItem(name(day))
    return text ? (JSON.parse(text) as Seen) : undefined
  } catch {
    return undefined
  }
}
