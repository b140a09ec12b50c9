/** Runs at most `width` actions at a time; the others wait in order. */
export class Limiter {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#free = width
  }

  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await action()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}

/** A bell: `wait` returns when it was rung, also if that was before the wait began. */
export class Bell {
  #isRung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#isRung = true
    this.#wake?.()
  }

  /** Waits for a ring, at most `timeoutMs`. One waiter at a time. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, Math.min(timeoutMs, 2 ** 31 - 1)))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = undefined
    }
    this.#isRung = false
  }
}

/**
 * Holds back what comes too often: a burst goes at once, and then one for each `everyMs` that pass. `onDue` is called
 * when something was asked for and may go; what then goes says `take`.
 */
export class Pace {
  readonly #burst: number
  readonly #everyMs: number
  readonly #onDue: () => void
  #left: number
  #countedAtMs = Date.now()
  #timer: NodeJS.Timeout | undefined

  constructor({ burst, everyMs }: { burst: number; everyMs: number }, onDue: () => void) {
    this.#burst = burst
    this.#everyMs = everyMs
    this.#onDue = onDue
    this.#left = burst
  }

  /** Whether one may go now. */
  get isDue(): boolean {
    const nowMs = Date.now()
    const earned = Math.max(0, nowMs - this.#countedAtMs) / this.#everyMs
    this.#left = Math.min(this.#burst, this.#left + earned)
    this.#countedAtMs = nowMs
    return this.#left >= 1
  }

  /** Notes that one went. */
  take(): void {
    this.#left = Math.max(0, this.#left - 1)
  }

  /** Asks for one to go, now or as soon as it may. */
  ask(): void {
    if (this.isDue) {
      this.#onDue()
      return
    }
    if (this.#timer) return
    const waitMs = Math.ceil((1 - this.#left) * this.#everyMs)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.ask()
    }, waitMs)
    this.#timer.unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
