/** Merges the writes of many callers into few transactions. */
import { type OvsdbClient, OvsdbTransactionError } from './client.ts'
import type { Operation } from './operations.ts'
import type { DatabaseShape } from './schema.ts'

interface Write {
  doing: string
  /** Builds the operations from the replica as it is when their transaction begins; none when nothing is to be done. */
  plan(): Operation[]
  resolve(): void
  reject(error: unknown): void
}

/**
 * While one transaction runs, writes wait, and then go together as the next one. `commit` wraps each transaction, so
 * that its owner can name the effect.
 */
export class CoalescingWriter<D extends DatabaseShape> {
  readonly #client: OvsdbClient<D>
  readonly #commit: (run: () => Promise<unknown>) => Promise<unknown>
  #waiting: Write[] = []
  #running = false

  constructor(client: OvsdbClient<D>, commit: (run: () => Promise<unknown>) => Promise<unknown>) {
    this.#client = client
    this.#commit = commit
  }

  /**
   * Writes what `plan` says, together with other callers' writes.
   * @throws OvsdbTransactionError when the server refuses this write, OvsdbUnavailableError when it cannot be reached
   */
  async write(doing: string, plan: () => Operation[]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ doing, plan, resolve, reject })
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    // Callers of the same turn of the event loop go together from the start.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      await this.#runBatch(batch)
    }
    this.#running = false
  }

  async #runBatch(batch: Write[]): Promise<void> {
    try {
      await this.#client.ready()
      const planned = batch.flatMap((write) => planOrReject(write))
      const operations = planned.flatMap((each) => each.operations)
      const doing = batch.map((write) => write.doing).join(', ')
      if (operations.length > 0) await this.#commit(() => this.#client.transact(doing, operations))
      for (const each of planned) each.write.resolve()
    } catch (error) {
      // One refused write must not fail the others: each is tried alone, on what the replica holds by then.
      if (error instanceof OvsdbTransactionError && batch.length > 1) {
        for (const write of batch) await this.#runBatch([write])
      } else {
        for (const write of batch) write.reject(error)
      }
    }
  }
}

function planOrReject(write: Write): { write: Write; operations: Operation[] }[] {
  try {
    return [{ write, operations: write.plan() }]
  } catch (error) {
    write.reject(error)
    return []
  }
}
