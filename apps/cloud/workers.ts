/**
 * Further processes that answer requests, so that more cores serve. This process keeps the ports: it accepts
 * connections and hands them out in turn, with what clients have sent still unread. A worker is the same control plane
 * on the same database and disks, without reconcilers and machines; it ends when this process does. One that dies takes
 * its own connections with it and is replaced; until one is ready this process answers itself.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Log } from '@pileus/kernel/log'
import type { CloudConfig } from './config.ts'
import type { CallCounts } from './log-sinks.ts'

/** What a worker is told first. */
export interface WorkerOrder {
  config: Omit<CloudConfig, 'hosted'>
  regionIds: readonly string[]
  extraNames: readonly string[]
  /** Of regions whose root keys are locked. */
  unlockSecrets: readonly [regionId: string, secret: string | undefined][]
}

/** What a worker tells. */
export type WorkerNews =
  | { is: 'ready' }
  | { is: 'counts'; counts: [string, CallCounts][] }
  /** It has the connection, so this process can let go of it. */
  | { is: 'took'; id: number }

export type ConnectionKind = 'http' | 'https'

/** Sent with a connection. */
export interface Handed {
  connection: ConnectionKind
  id: number
}

export interface Workers {
  /** False when there is none to take it. */
  take(kind: ConnectionKind, socket: Socket): boolean
  /** Calls of all workers, those that have ended too. */
  callCounts(): CallCountsByAction
  pids(): number[]
  close(): Promise<void>
}

type CallCountsByAction = ReadonlyMap<string, CallCounts>

const stopTimeoutMs = 10_000
const longestPauseMs = 10_000

/**
 * How many workers are meant by `auto`: none below four cores, where the database and what else runs here need the
 * others; then half of them, up to eight.
 */
export function workersFor(setting: 'auto' | number, cores = availableParallelism()): number {
  if (setting !== 'auto') return setting
  return cores < 4 ? 0 : Math.min(8, cores >> 1)
}

/** Starts `count` workers; answers when all are ready. @throws Error when one cannot start */
export async function startWorkers(count: number, order: WorkerOrder, log: Log): Promise<Workers> {
  const slots = Array.from({ length: count }, (_, index) => new Slot(order, log.child({ worker: index })))
  const close = async (): Promise<void> => void (await Promise.all(slots.map((slot) => slot.close())))
  try {
    await Promise.all(slots.map((slot) => slot.ready))
  } catch (error) {
    await close()
    throw error
  }
  let turn = 0
  return {
    take(kind, socket) {
      for (let tries = 0; tries < count; tries += 1) {
        turn = (turn + 1) % count
        if (slots[turn]!.take(kind, socket)) return true
      }
      return false
    },
    callCounts() {
      const sum = new Map<string, CallCounts>()
      for (const slot of slots) for (const counts of slot.counts()) addCounts(sum, counts)
      return sum
    },
    pids: () => slots.flatMap((slot) => slot.pid ?? []),
    close,
  }
}

/** Adds `more` to `sum`. */
export function addCounts(sum: Map<string, CallCounts>, more: CallCountsByAction): void {
  for (const [action, { calls, errors }] of more) {
    const before = sum.get(action) ?? { calls: 0, errors: 0 }
    sum.set(action, { calls: before.calls + calls, errors: before.errors + errors })
  }
}

/** One worker and its successors. */
class Slot {
  /** Of the first one. */
  readonly ready: Promise<void>
  readonly #order: WorkerOrder
  readonly #log: Log
  #process: ChildProcess | undefined
  /** Connections on their way to the worker. */
  readonly #handing = new Map<number, Socket>()
  #lastId = 0
  #isReady = false
  #isClosing = false
  #failures = 0
  #counts: CallCountsByAction = new Map()
  readonly #earlier = new Map<string, CallCounts>()
  #retry: NodeJS.Timeout | undefined

  constructor(order: WorkerOrder, log: Log) {
    this.#order = order
    this.#log = log
    this.ready = this.#start()
  }

  get pid(): number | undefined {
    return this.#isReady ? this.#process?.pid : undefined
  }

  take(kind: ConnectionKind, socket: Socket): boolean {
    if (!this.#isReady || !this.#process?.connected) return false
    const id = ++this.#lastId
    this.#handing.set(id, socket)
    const handed: Handed = { connection: kind, id }
    this.#process.send(handed, socket, { keepOpen: true }, (error) => {
      if (error) this.#letGo(id)
    })
    return true
  }

  /** Closes this process's end; the client sees nothing of it when a worker has the other. */
  #letGo(id: number): void {
    this.#handing.get(id)?.destroy()
    this.#handing.delete(id)
  }

  counts(): CallCountsByAction[] {
    return [this.#earlier, this.#counts]
  }

  #start(): Promise<void> {
    // Beside this file, or beside the bundle that holds it.
    const program = fileURLToPath(new URL('./cloud-worker.mjs', import.meta.url))
    const worker = fork(program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
    this.#process = worker
    return new Promise((resolve, reject) => {
      worker.on('message', (news: WorkerNews) => {
        switch (news.is) {
          case 'took':
            this.#letGo(news.id)
            return
          case 'counts':
            this.#counts = new Map(news.counts)
            return
          case 'ready':
            this.#isReady = true
            this.#failures = 0
            resolve()
        }
      })
      worker.on('error', (error) => this.#log.error({ err: error }, 'a worker process failed'))
      worker.once('exit', (code, signal) => {
        this.#isReady = false
        // It may have read from them. A client whose connection is closed tries again; one that hears nothing waits.
        for (const id of [...this.#handing.keys()]) this.#letGo(id)
        addCounts(this.#earlier, this.#counts)
        this.#counts = new Map()
        reject(new Error(`a worker process ended with ${signal ?? code} before it was ready; its log says why`))
        if (!this.#isClosing) this.#replace(signal ?? code)
      })
      worker.send(this.#order, (error) => {
        if (error) this.#log.error({ err: error }, 'a worker process takes no orders')
      })
    })
  }

  #replace(end: string | number | null): void {
    this.#failures += 1
    const pauseMs = Math.min(longestPauseMs, 50 * 2 ** this.#failures)
    this.#log.error({ end, pauseMs }, 'a worker process ended; another takes its place')
    this.#retry = setTimeout(() => {
      this.#start().catch((error) => this.#log.error({ err: error }, 'a worker process did not start'))
    }, pauseMs)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#retry)
    const worker = this.#process
    // Only by SIGKILL do workers end without being told.
    this.ready.catch(() => {})
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) return
    const gone = once(worker, 'exit')
    if (worker.connected) worker.disconnect()
    const timer = setTimeout(() => worker.kill('SIGKILL'), stopTimeoutMs)
    await gone
    clearTimeout(timer)
  }
}
