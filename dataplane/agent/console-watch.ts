/** Moves what a machine prints from QEMU's ring to its log: often while it prints or boots, seldom while it is silent. */
import type { Log } from '@pileus/kernel/log'
import type { ConsoleLog } from './console-log.ts'

const firstPauseMs = 25
const bootingPauseMs = 50
const lastPauseMs = 2000
const bootingMs = 30_000

export class ConsoleWatch {
  readonly #console: ConsoleLog
  readonly #take: () => Promise<Buffer>
  readonly #onOutput: () => void
  readonly #log: Log
  #pauseMs = firstPauseMs
  #bootingUntilMs = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** `take` gives what was printed since it was last called. */
  constructor(console: ConsoleLog, take: () => Promise<Buffer>, onOutput: () => void, log: Log) {
    this.#console = console
    this.#take = take
    this.#onOutput = onOutput
    this.#log = log
  }

  /** Begins to watch. */
  start(): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(async () => {
      await this.drain()
      this.start()
    }, this.#pauseMs)
    this.#timer.unref()
  }

  /** Looks closely for a while: the machine boots. */
  expectOutput(): void {
    this.#pauseMs = firstPauseMs
    this.#bootingUntilMs = Date.now() + bootingMs
    this.start()
  }

  /** Takes what there is now. Never throws: a console is no reason to leave a machine alone. */
  async drain(): Promise<void> {
    try {
      const bytes = await this.#take()
      const longestMs = Date.now() < this.#bootingUntilMs ? bootingPauseMs : lastPauseMs
      this.#pauseMs = bytes.length > 0 ? firstPauseMs : Math.min(this.#pauseMs * 1.5, longestMs)
      if (bytes.length === 0 || this.#isClosed) return
      await this.#console.append(bytes)
      this.#onOutput()
    } catch (error) {
      this.#pauseMs = lastPauseMs
      this.#log.debug({ err: error }, 'a console could not be read')
    }
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }
}
