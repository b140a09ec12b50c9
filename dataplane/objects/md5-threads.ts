/**
 * MD5 in threads of its own: of all that happens to a large object it takes longest, and nothing else waits for it.
 * Memory is shared, so bytes are not copied on their way. The threads are of the process and never keep it alive.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** Runs in the thread. Text, because programs are bundled and a thread's file would have to be found. */
const program = `
const { parentPort } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const hashes = new Map()
parentPort.on('message', ({ id, memory, parts, is }) => {
  let hash = hashes.get(id)
  if (!hash) hashes.set(id, (hash = createHash('md5')))
  for (let i = 0; i < parts.length; i += 2) hash.update(new Uint8Array(memory, parts[i], parts[i + 1]))
  if (is !== 'update') hashes.delete(id)
  parentPort.postMessage({ id, md5Hex: is === 'last' ? hash.digest('hex') : '' })
})
`

const noMemory = new SharedArrayBuffer(0)

interface Waiting {
  resolve(md5Hex: string): void
  reject(error: unknown): void
}

class Md5Thread {
  /** Streams that have not ended. */
  streams = 0
  readonly #worker: Worker
  /** The thread answers each message, those of one stream in order. */
  readonly #waiting = new Map<number, Waiting[]>()

  constructor(onGone: () => void) {
    this.#worker = new Worker(program, { eval: true })
    this.#worker.on('message', ({ id, md5Hex }: { id: number; md5Hex: string }) => {
      const queue = this.#waiting.get(id)
      queue?.shift()?.resolve(md5Hex)
      if (queue?.length === 0) this.#waiting.delete(id)
      if (this.#waiting.size === 0) this.#worker.unref()
    })
    const fail = (error: unknown): void => {
      onGone()
      for (const queue of this.#waiting.values()) for (const one of queue) one.reject(error)
      this.#waiting.clear()
    }
    this.#worker.on('error', fail)
    this.#worker.on('exit', () => fail(new Error('the thread that computes MD5 has ended')))
    this.#worker.unref()
  }

  send(
    id: number,
    is: 'update' | 'last' | 'none',
    memory: SharedArrayBuffer,
    parts: readonly number[],
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(id)
      if (queue) queue.push({ resolve, reject })
      else this.#waiting.set(id, [{ resolve, reject }])
      this.#worker.ref()
      this.#worker.postMessage({ id, memory, parts, is })
    })
  }
}

const threads = new Set<Md5Thread>()
const maxThreads = Math.min(4, availableParallelism())
let lastId = 0

function leastBusy(): Md5Thread {
  let found: Md5Thread | undefined
  for (const thread of threads) if (!found || thread.streams < found.streams) found = thread
  if (found && (found.streams === 0 || threads.size >= maxThreads)) return found
  const made = new Md5Thread(() => threads.delete(made))
  threads.add(made)
  return made
}

/** MD5 of one stream. End it with `done` or `discard`. */
export class ThreadedMd5 {
  readonly #thread = leastBusy()
  readonly #id = ++lastId
  #isOpen = true

  constructor() {
    this.#thread.streams += 1
  }

  /**
   * Takes bytes of `memory`: pairs of offset and length. They must not change until it answers.
   */
  async update(memory: SharedArrayBuffer, parts: readonly number[]): Promise<void> {
    await this.#thread.send(this.#id, 'update', memory, parts)
  }

  /** 32 lowercase hex digits. */
  async done(): Promise<string> {
    this.#close()
    return await this.#thread.send(this.#id, 'last', noMemory, [])
  }

  discard(): void {
    if (!this.#isOpen) return
    this.#close()
    this.#thread.send(this.#id, 'none', noMemory, []).catch(() => {})
  }

  #close(): void {
    this.#isOpen = false
    this.#thread.streams -= 1
  }
}
