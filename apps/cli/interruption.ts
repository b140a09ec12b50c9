import { Interrupted, type InterruptingSignal } from '@pileus/cloud/interrupted'

/** What is asked of this process by signal while it works. */
export interface Interruption {
  /** Aborted by the first signal, with `Interrupted` as its reason. */
  signal: AbortSignal
  /** Aborted by the second one: who sends it does not want to wait. */
  forced: AbortSignal
}

/** One key press may arrive twice: from the terminal, and from a parent that passes it on. */
const sameWithinMs = 200

/** From now on, Ctrl-C, SIGTERM and the end of the terminal do not end this process but are told to who listens. */
export function listenForInterruption(): Interruption {
  const first = new AbortController()
  const second = new AbortController()
  let firstAtMs = 0
  // Of a terminal that is gone nobody can be told.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] satisfies InterruptingSignal[]) {
    process.on(name, () => {
      if (!first.signal.aborted) {
        firstAtMs = performance.now()
        first.abort(new Interrupted(name))
      } else if (performance.now() - firstAtMs > sameWithinMs) {
        second.abort(first.signal.reason)
      }
    })
  }
  return { signal: first.signal, forced: second.signal }
}

/** What a shell expects of a process that a signal has ended. */
export function exitCodeOf({ signalName }: Interrupted): number {
  return 128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signalName]
}
