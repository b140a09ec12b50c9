/** Cleans up when a bench is interrupted, which ends a process without running what `await using` promised. */
type Cleanup = () => Promise<void>

const cleanups: Cleanup[] = []
let isEnding = false

/** Runs `cleanup` once: on disposal, or when the process is told to end. Later ones run first. */
export function disposable(cleanup: Cleanup): Cleanup {
  let done: Promise<void> | undefined
  const once = (): Promise<void> => {
    done ??= cleanup().finally(() => cleanups.splice(cleanups.indexOf(once), 1))
    return done
  }
  if (process.listenerCount('SIGTERM', endNow) === 0)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, endNow)
  cleanups.push(once)
  return once
}

function endNow(): void {
  if (isEnding) return
  isEnding = true
  void (async () => {
    for (const cleanup of [...cleanups].reverse()) {
      await cleanup().catch((error: unknown) => console.error(error))
    }
    process.exit(130)
  })()
}
