// When two of the chosen shifts are at the same time.

export interface Span {
  name: string
  starts: number
  ends: number
}

/** clash is the first pair of shifts that overlap; one that begins when another ends does not. */
export function clash(shifts: readonly Span[]): readonly [Span, Span] | undefined {
  const byStart = [...shifts].sort((a, b) => a.starts - b.starts)
  let longest = byStart[0]
  for (const next of byStart.slice(1)) {
    if (longest && next.starts < longest.ends) return [longest, next]
    if (!longest || next.ends > longest.ends) longest = next
  }
  return undefined
}
