// Asking whether a payment was confirmed: often at first, then less and less, never in a hidden tab.

const WAITING = new Set(['draft', 'awaiting_payment', 'processing', 'requires_action'])
const SLOW_AFTER = 20_000

export interface Answer {
  answered: () => void
  slow: () => void
}

export function waitForAnswer(url: string, tell: Answer, now: () => number = Date.now): void {
  waitUntil(() => settled(url), tell, now)
}

/** waitUntil asks until the answer is yes. */
export function waitUntil(isSo: () => Promise<boolean>, tell: Answer, now: () => number = Date.now): void {
  const began = now()
  let slow = false

  async function ask(): Promise<void> {
    if (!document.hidden && (await isSo())) return tell.answered()
    const waited = now() - began
    if (waited >= SLOW_AFTER && !slow) {
      slow = true
      tell.slow()
    }
    setTimeout(() => void ask(), waited < 10_000 ? 1_000 : waited < 60_000 ? 3_000 : 15_000)
  }
  setTimeout(() => void ask(), 1_000)
}

async function settled(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { cache: 'no-store', headers: { Accept: 'application/json' } })
    if (!response.ok) return false
    const body = (await response.json()) as { status?: string }
    return typeof body.status === 'string' && !WAITING.has(body.status)
  } catch {
    return false
  }
}
