// Live updates: server-sent events, with polling where a proxy swallows the stream.

export interface LiveOptions {
  /** events are the names to listen for. */
  events: readonly string[]
  onEvent: (name: string, data: unknown) => void
  /** poll is called instead when the stream cannot be kept open. */
  poll: () => void
  pollMs?: number
}

/** listen opens the stream and returns the function that closes it. Nothing runs while the tab is hidden. */
export function listen(url: string, options: LiveOptions): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let failures = 0

  function startPolling() {
    source?.close()
    source = undefined
    timer ??= setInterval(() => {
      if (!document.hidden) options.poll()
    }, options.pollMs ?? 15_000)
  }

  function open() {
    if (typeof EventSource === 'undefined') return startPolling()
    source = new EventSource(url, { withCredentials: true })
    source.onopen = () => {
      failures = 0
    }
    // The browser reconnects by itself; three failures in a row, or a closed stream, mean it will not work.
    source.onerror = () => {
      failures++
      if (failures >= 3 || source?.readyState === 2) startPolling()
    }
    for (const name of options.events)
      source.addEventListener(name, (event: MessageEvent<string>) => options.onEvent(name, parse(event.data)))
  }

  function onVisible() {
    if (document.hidden) {
      source?.close()
      source = undefined
    } else {
      options.poll()
      if (!source && !timer) open()
    }
  }

  if (!document.hidden) open()
  document.addEventListener('visibilitychange', onVisible)
  return () => {
    document.removeEventListener('visibilitychange', onVisible)
    source?.close()
    clearInterval(timer)
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
