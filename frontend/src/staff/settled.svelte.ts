// What somebody is still typing is asked about when they pause: every key would be a question otherwise.

const PAUSE = 250

/** settled follows a value once it has rested. Call it while a component is made. */
export function settled<T>(value: () => T | undefined): { readonly current: T | undefined } {
  let rested = $state.raw<T>()
  $effect(() => {
    const next = value()
    const timer = setTimeout(() => (rested = next), PAUSE)
    return () => clearTimeout(timer)
  })
  return {
    get current() {
      return rested
    },
  }
}
