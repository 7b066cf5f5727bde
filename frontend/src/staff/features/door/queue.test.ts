import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@lib/problem'
import '@lib/testing'
import { HELD, localBox, localId, Queue, type Action, type Box, type NewAction } from './queue'

interface Answer {
  sign_up_id: string
}

const offline = () => new ApiError({ title: 'No connection', status: 0 })
const refusal = (status: number, code: string) =>
  new ApiError({ title: 'No', status, code, detail: 'Not so.' })

const act = (step: Action['step'], signUp = 'ada', more: Partial<NewAction> = {}): NewAction => ({
  step,
  signUp,
  shift: 's1',
  name: signUp,
  happenedAt: '2026-11-22T09:00:00.000Z',
  ...more,
})

/** server remembers answers by key as the real one does, so that doing something twice shows. */
class Server {
  done: string[] = []
  seen: { key: string; step: string; signUp: string; sentAt: string; firstSentAt: string | undefined }[] = []
  fails: ((action: Action) => Error | undefined)[] = []
  #answers = new Map<string, Answer>()

  send = async (action: Action, sentAt: string): Promise<Answer> => {
    const { key, step, signUp, firstSentAt } = action
    this.seen.push({ key, step, signUp, sentAt, firstSentAt })
    const error = this.fails.shift()?.(action)
    if (error) throw error
    return this.apply(action)
  }

  apply(action: Action): Answer {
    const known = this.#answers.get(action.key)
    if (known) return known
    this.done.push(`${action.step} ${action.signUp || action.newcomer?.first_name}`)
    const answer = { sign_up_id: action.step === 'walk_in' ? `real-${action.name}` : action.signUp }
    this.#answers.set(action.key, answer)
    return answer
  }
}

let clock = 0
const now = () => clock

function open(server: Server, box: Box = localBox('o.l'), sent: string[] = []) {
  return new Queue<Answer>({
    box,
    send: server.send,
    signUpOf: (answer) => answer.sign_up_id,
    onsent: (action) => sent.push(action.step),
    onchange: () => undefined,
    lock: 'door',
    now,
  })
}

beforeEach(() => {
  localStorage.clear()
  clock = Date.parse('2026-11-22T09:00:00Z')
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the queue of the door', () => {
  it('keeps how many came, and how many were expected, until it is sent', async () => {
    const server = new Server()
    const queue = open(server)
    server.fails = [offline]
    queue.add(act('in', 'ada', { party: 2, was: 4 }))
    await queue.drain()
    queue.stop()
    const reloaded = open(server)
    expect(reloaded.waiting[0]).toMatchObject({ step: 'in', party: 2, was: 4 })
    await reloaded.drain()
    expect(reloaded.waiting).toEqual([])
  })

  it('sends in the order in which things were done, and forgets only what was answered', async () => {
    const server = new Server()
    const sent: string[] = []
    const queue = open(server, localBox('o.l'), sent)
    server.fails = [offline]
    queue.add(act('in'))
    await queue.drain()
    expect(queue.status).toBe('offline')
    queue.add(act('out'))
    queue.add(act('in', 'grace'))
    await queue.drain()
    expect(server.done).toEqual(['in ada', 'out ada', 'in grace'])
    expect(sent).toEqual(['in', 'out', 'in'])
    expect(queue.waiting).toEqual([])
    expect(queue.status).toBe('idle')
  })

  it('stops at what did not get through, and does not let later actions pass it', async () => {
    const server = new Server()
    server.fails = [offline, offline, offline]
    const queue = open(server)
    queue.add(act('in'))
    await queue.drain()
    queue.add(act('out'))
    await queue.drain()
    expect(server.seen.map((s) => s.step)).toEqual(['in', 'in'])
    expect(queue.waiting.map((a) => a.step)).toEqual(['in', 'out'])
  })

  it('survives a reload with the same keys and in the same order', async () => {
    const dead = new Server()
    dead.fails = [offline, offline, offline]
    const before = open(dead)
    before.add(act('in'))
    before.add(act('out'))
    await before.drain()
    before.stop()
    const keys = before.waiting.map((a) => a.key)
    const server = new Server()
    const after = open(server)
    expect(after.waiting.map((a) => a.key)).toEqual(keys)
    await after.drain()
    expect(server.seen.map((s) => s.key)).toEqual(keys)
    expect(server.done).toEqual(['in ada', 'out ada'])
  })

  it('does nothing twice when the answer was lost: the same key goes out again', async () => {
    const server = new Server()
    const queue = open(server)
    // The server did it, and the device died before it heard so.
    server.fails = [
      (action) => {
        server.apply(action)
        return offline()
      },
    ]
    queue.add(act('walk_in', '', { name: 'Ada', newcomer: { first_name: 'Ada', last_name: 'L' } }))
    await queue.drain()
    expect(queue.waiting).toHaveLength(1)
    const reloaded = open(server)
    await reloaded.drain()
    expect(server.seen).toHaveLength(2)
    expect(server.seen[1]?.key).toBe(server.seen[0]?.key)
    expect(server.done).toEqual(['walk_in Ada'])
    expect(reloaded.waiting).toEqual([])
  })

  it('tells the time of each try, and keeps the first for a body that does not change', async () => {
    const server = new Server()
    server.fails = [offline]
    const queue = open(server)
    queue.add(act('in'))
    await queue.drain()
    clock += 3_600_000
    await queue.drain()
    expect(server.seen.map((s) => s.sentAt)).toEqual(['2026-11-22T09:00:00.000Z', '2026-11-22T10:00:00.000Z'])
    expect(server.seen.map((s) => s.firstSentAt)).toEqual([
      '2026-11-22T09:00:00.000Z',
      '2026-11-22T09:00:00.000Z',
    ])
  })

  it('tries again by itself, later each time, and at once when told that the network is back', async () => {
    const server = new Server()
    server.fails = [offline, () => refusal(503, 'x'), () => refusal(409, 'idempotency.in_flight'), offline]
    const queue = open(server)
    queue.add(act('in'))
    await queue.drain()
    expect(server.seen).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(999)
    expect(server.seen).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.seen).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(server.seen).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(3_999)
    expect(server.seen).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.seen).toHaveLength(4)
    await queue.drain()
    expect(server.done).toEqual(['in ada'])
    await vi.advanceTimersByTimeAsync(120_000)
    expect(server.seen).toHaveLength(5)
  })

  it('keeps everything while nobody is signed in', async () => {
    const server = new Server()
    server.fails = [() => refusal(401, 'session.ended')]
    const queue = open(server)
    queue.add(act('in'))
    await queue.drain()
    expect(queue.status).toBe('signed_out')
    await vi.advanceTimersByTimeAsync(120_000)
    expect(server.seen).toHaveLength(1)
    expect(queue.waiting).toHaveLength(1)
    await queue.drain()
    expect(server.done).toEqual(['in ada'])
  })

  for (const [status, code] of [
    [404, 'sign_up.not_found'],
    [409, 'sign_up.checked_out'],
    [403, 'forbidden'],
    [422, 'invalid'],
  ] as const)
    it(`shows what was refused with ${status}, holds back what follows, and sends everybody else's`, async () => {
      const server = new Server()
      server.fails = [offline, () => refusal(status, code)]
      const queue = open(server)
      queue.add(act('in'))
      await queue.drain()
      queue.add(act('out'))
      queue.add(act('in', 'grace'))
      await queue.drain()
      expect(server.done).toEqual(['in grace'])
      expect(queue.waiting).toEqual([])
      expect(queue.refused.map((a) => [a.step, a.refusal?.status, a.refusal?.code])).toEqual([
        ['in', status, code],
        ['out', 0, HELD],
      ])
      // What is done afterwards would be judged as if the refused step had happened.
      queue.add(act('undo'))
      await queue.drain()
      expect(server.done).toEqual(['in grace'])
      expect(open(server).refused).toHaveLength(3)
    })

  it('sends a refused action anew under another key, with what was held back', async () => {
    const server = new Server()
    server.fails = [offline, () => refusal(409, 'x')]
    const queue = open(server)
    const first = queue.add(act('in'))
    await queue.drain()
    queue.add(act('out'))
    await queue.drain()
    await queue.again(first.id)
    expect(server.done).toEqual(['in ada', 'out ada'])
    expect(new Set(server.seen.map((s) => s.key)).size).toBe(3)
    expect(queue.refused).toEqual([])
  })

  it('discards a refused action only when told to', async () => {
    const server = new Server()
    server.fails = [() => refusal(409, 'x')]
    const queue = open(server)
    const first = queue.add(act('in'))
    await queue.drain()
    queue.add(act('out'))
    await queue.drain()
    expect(queue.refused).toHaveLength(2)
    queue.discard(first.id)
    expect(queue.refused).toEqual([])
    expect(localStorage).toHaveLength(0)
  })

  it('takes back what has not been sent, and nothing that the server may know of', async () => {
    const server = new Server()
    server.fails = [offline, offline]
    const queue = open(server)
    const first = queue.add(act('in'))
    await queue.drain()
    const second = queue.add(act('in', 'grace'))
    await queue.drain()
    expect(await queue.takeBack(second.id)).toBe(true)
    expect(await queue.takeBack(first.id)).toBe(false)
    await queue.drain()
    expect(server.done).toEqual(['in ada'])
  })

  it('gives what follows a walk-in the id that the server made', async () => {
    const server = new Server()
    server.fails = [offline, offline]
    const queue = open(server)
    const newcomer = { first_name: 'Ada', last_name: 'L' }
    const walkIn = queue.add(act('walk_in', '', { name: 'Ada', newcomer }))
    queue.add(act('out', localId(walkIn.id)))
    await queue.drain()
    await queue.drain()
    await queue.drain()
    expect(server.done).toEqual(['walk_in Ada', 'out real-Ada'])
  })

  it('keeps two logins of one device apart, and what is no action of ours alone', async () => {
    const server = new Server()
    server.fails = [offline]
    const queue = open(server)
    queue.add(act('in'))
    await queue.drain()
    localStorage.setItem('tributary.door.o.l.broken', '{')
    expect(localBox('o.other').all()).toEqual([])
    expect(localBox('o.l').all()).toHaveLength(1)
  })

  it('says so when the browser keeps nothing, and sends all the same', async () => {
    const full = {
      ...localStorage,
      length: 0,
      key: () => null,
      removeItem: () => undefined,
    } as unknown as Storage
    full.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    const server = new Server()
    server.fails = [offline]
    const queue = open(server, localBox('o.l', full))
    queue.add(act('in'))
    await queue.drain()
    expect(queue.kept).toBe(false)
    expect(queue.waiting).toHaveLength(1)
    await queue.drain()
    expect(server.done).toEqual(['in ada'])
  })

  it('lets one tab send while another waits, and sends nothing twice', async () => {
    vi.stubGlobal('navigator', { locks: locks() })
    const server = new Server()
    let release = () => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const one = open(server)
    const slow = vi.spyOn(server, 'send')
    slow.mockImplementationOnce(async (action, sentAt) => {
      server.seen.push({ ...action, sentAt, firstSentAt: action.firstSentAt })
      await gate
      return server.apply(action)
    })
    const tab = new Queue<Answer>({
      box: localBox('o.l'),
      send: (action, sentAt) => server.send(action, sentAt),
      signUpOf: (answer) => answer.sign_up_id,
      onsent: () => undefined,
      onchange: () => undefined,
      lock: 'door',
      now,
    })
    const action = tab.add(act('in'))
    const both = Promise.all([tab.drain(), one.drain()])
    await vi.advanceTimersByTimeAsync(0)
    // While it is on its way nobody can take it back.
    expect(await one.takeBack(action.id)).toBe(false)
    release()
    await both
    expect(server.seen).toHaveLength(1)
    expect(server.done).toEqual(['in ada'])
  })

  it('misses nothing that is added at the moment the last one is answered', async () => {
    const server = new Server()
    const box = localBox('o.l')
    let last = false
    const queue: Queue<Answer> = new Queue<Answer>({
      box,
      send: server.send,
      signUpOf: (answer) => answer.sign_up_id,
      onsent: (action) => {
        if (action.signUp === 'ada') queue.add(act('in', 'grace'))
      },
      onchange: () => {
        if (last || queue?.status !== 'idle' || server.done.length !== 2) return
        last = true
        queue.add(act('in', 'alan'))
      },
      lock: 'door',
      now,
    })
    queue.add(act('in'))
    await vi.advanceTimersByTimeAsync(0)
    expect(server.done).toEqual(['in ada', 'in grace', 'in alan'])
    expect(queue.waiting).toEqual([])
  })
})

/** locks is what browsers have under navigator.locks, as far as the queue uses it. */
function locks() {
  const tails = new Map<string, Promise<unknown>>()
  const held = new Set<string>()
  return {
    async request<T>(
      name: string,
      options: { ifAvailable?: boolean },
      run: (lock: object | null) => Promise<T>,
    ) {
      if (options.ifAvailable && held.has(name)) return run(null)
      const before = tails.get(name) ?? Promise.resolve()
      const mine = before.then(async () => {
        held.add(name)
        try {
          return await run({})
        } finally {
          held.delete(name)
        }
      })
      tails.set(name, mine)
      return mine
    },
  }
}
