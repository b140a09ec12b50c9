/**
 * Level-triggered reconcilers. A pass is told nothing: it reads desired and observed state and acts on the
 * difference, so a lost wake-up costs at most one period, and passes may overlap or die anywhere.
 */
import type { Log } from './log.ts'
import type { Topic, WakeListener } from './wake.ts'

export interface Reconciler {
  /** Such as `vpc.network`. */
  readonly name: string
  /** Longest time between passes. */
  readonly everyMs: number
  /** Shortest time between the starts of passes: wake-ups within it are served together. */
  readonly settleMs?: number
  readonly wakeOn: readonly Topic[]
  pass(): Promise<void>
}

export interface ReconcilerStatus {
  name: string
  passes: number
  lastPassAt: string | undefined
  /** Why the last pass failed; absent when it did not. */
  error: string | undefined
}

export interface ReconcilerRunner {
  statuses(): ReconcilerStatus[]
  /** Runs one pass of everything now; for tests and for shutdown. */
  passAll(): Promise<void>
  /** Waits for the passes that run and starts no more. */
  stop(): Promise<void>
}

/** Runs each reconciler once at the start, on its wake-ups and periodically; one pass of each at a time. */
export function runReconcilers(reconcilers: readonly Reconciler[], wakes: WakeListener, log: Log): ReconcilerRunner {
  const runs = reconcilers.map((reconciler) => new Run(reconciler, wakes, log))
  return {
    statuses: () => runs.map((run) => run.status),
    passAll: async () => {
      await Promise.all(runs.map((run) => run.passNow()))
    },
    stop: async () => {
      await Promise.all(runs.map((run) => run.stop()))
    },
  }
}

class Run {
  readonly status: ReconcilerStatus
  readonly #reconciler: Reconciler
  readonly #log: Log
  readonly #unsubscribe: (() => void)[]
  #running: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #failures = 0

  constructor(reconciler: Reconciler, wakes: WakeListener, log: Log) {
    this.#reconciler = reconciler
    this.#log = log.child({ reconciler: reconciler.name })
    this.status = { name: reconciler.name, passes: 0, lastPassAt: undefined, error: undefined }
    this.#unsubscribe = reconciler.wakeOn.map((topic) => wakes.on(topic, () => this.#request()))
    this.#request()
  }

  async passNow(): Promise<void> {
    await this.#running
    this.#request()
    await this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    clearTimeout(this.#timer)
    await this.#running
  }

  #request(): void {
    if (this.#stopped) return
    if (this.#running) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    this.#again = false
    const startedMs = performance.now()
    this.#running = this.#pass().then(() => {
      this.#running = undefined
      if (this.#stopped) return
      const settleMs = this.#reconciler.settleMs ?? 0
      const waitMs = this.#again
        ? Math.max(0, settleMs - (performance.now() - startedMs))
        : this.#failures > 0
          ? Math.min(this.#reconciler.everyMs, 200 * 2 ** Math.min(this.#failures, 8))
          : this.#reconciler.everyMs
      this.#timer = setTimeout(() => this.#request(), waitMs)
      if (!this.#again) this.#timer.unref()
    })
  }

  async #pass(): Promise<void> {
    try {
      await this.#reconciler.pass()
      this.#failures = 0
      this.status.error = undefined
    } catch (error) {
      if (this.#stopped) return
      this.#failures += 1
      this.status.error = error instanceof Error ? error.message : String(error)
      this.#log.error({ err: error }, 'a pass failed; the next one tries again')
    }
    this.status.passes += 1
    this.status.lastPassAt = new Date().toISOString()
  }
}
