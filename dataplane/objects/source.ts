import { quietly } from './failures.ts'

/**
 * Gives each chunk of the source to `take`, in turn. An abort interrupts even a source that never answers. When it
 * ends early the source is told to stop.
 */
export async function drain(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
  take: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> {
  signal?.throwIfAborted()
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  let finished = false
  let interrupt: ((reason: unknown) => void) | undefined
  const onAbort = () => interrupt?.(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  try {
    for (;;) {
      signal?.throwIfAborted()
      // One promise per step: racing against one that lives as long as the stream would collect reactions on it.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        interrupt = reject
        Promise.resolve(iterator.next()).then(resolve, (error) => {
          finished = true
          reject(error)
        })
      })
      if (next.done) {
        finished = true
        return
      }
      const taken = take(next.value)
      if (taken) await taken
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // Not awaited: a generator that hangs answers `return` only when it goes on.
    if (!finished) void quietly(Promise.resolve(iterator.return?.()))
  }
}
