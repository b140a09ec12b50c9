/**
 * Client of the QEMU guest agent's protocol, spoken with a process inside the guest. The guest is not trusted: answers
 * are bounded in size and time, and whatever is out of order ends the connection, after which a new one begins with a
 * sync.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type JsonObject, MessageSocket } from './message-socket.ts'

/** Longest answer. Programs run through `exec` here print far less. */
const maxLineBytes = 1 << 20

/** The guest's agent answered that it cannot do what was asked. */
export class GuestRefusedError extends Error {
  constructor(command: string, description: string) {
    super(`the guest refused ${command}: ${description.slice(0, 300)}`)
    this.name = 'GuestRefusedError'
  }
}

export interface GuestExecRequest {
  path: string
  args: string[]
  /** Handed to the program's standard input. */
  input?: Buffer | undefined
  /** Longest run, after which the call fails; the program may go on. */
  timeoutMs: number
}

export interface GuestExecResult {
  /** Absent when a signal ended the program. */
  exitCode: number | undefined
  stdout: Buffer
}

export class GuestAgentClient {
  readonly #timeoutMs: number
  readonly #onClose: () => void
  #socket: MessageSocket | undefined
  #answer: ((message: JsonObject) => void) | undefined
  #fail: ((error: Error) => void) | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(timeoutMs: number, onClose: () => void) {
    this.#timeoutMs = timeoutMs
    this.#onClose = onClose
  }

  /** Connects and agrees on a starting point with the guest. @throws Error when it does not answer in time */
  static async connect(path: string, onClose: () => void, timeoutMs = 5000): Promise<GuestAgentClient> {
    const client = new GuestAgentClient(timeoutMs, onClose)
    client.#socket = await MessageSocket.connect(
      path,
      { maxLineBytes, connectTimeoutMs: timeoutMs },
      { onMessage: (message) => client.#answer?.(message), onClose: (error) => client.#end(error) },
    )
    try {
      await client.#sync()
      return client
    } catch (error) {
      client.close()
      throw error
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#socket?.close()
    this.#end(undefined)
  }

  /** Whether the guest's agent is alive. */
  async ping(): Promise<void> {
    await this.call('guest-ping')
  }

  /** Asks the guest to power off or restart; there is no answer when it obeys. */
  async shutdown(mode: 'powerdown' | 'reboot'): Promise<void> {
    await this.#enqueue(async () => {
      this.#send({ execute: 'guest-shutdown', arguments: { mode } })
    })
  }

  /** Runs a program in the guest and waits for it. @throws GuestRefusedError; Error on time-out or loss */
  async exec(request: GuestExecRequest): Promise<GuestExecResult> {
    const started = await this.call('guest-exec', {
      path: request.path,
      arg: request.args,
      'capture-output': true,
      ...(request.input ? { 'input-data': request.input.toString('base64') } : {}),
    })
    const pid = isJsonObject(started) ? started['pid'] : undefined
    if (typeof pid !== 'number') throw this.#broken('guest-exec gave no process id')
    const deadline = Date.now() + request.timeoutMs
    for (let pauseMs = 4; ; pauseMs = Math.min(pauseMs * 2, 200)) {
      const status = await this.call('guest-exec-status', { pid })
      if (!isJsonObject(status)) throw this.#broken('guest-exec-status gave no status')
      if (status['exited'] === true) return readResult(status)
      if (Date.now() > deadline) throw new Error(`a program in the guest did not end in ${request.timeoutMs} ms`)
      await sleep(pauseMs)
    }
  }

  /** Runs one command and gives its `return` value; commands go one after another. */
  call(command: string, args?: JsonObject): Promise<unknown> {
    return this.#enqueue(async () => {
      const message = await this.#ask({ execute: command, ...(args ? { arguments: args } : {}) }, () => true)
      const failure = message['error']
      if (isJsonObject(failure)) throw new GuestRefusedError(command, String(failure['desc']))
      if (!('return' in message)) throw this.#broken(`the answer to ${command} is neither a result nor an error`)
      return message['return']
    })
  }

  async #sync(): Promise<void> {
    const id = randomInt(1, 2 ** 31)
    // The byte makes the agent forget an unfinished request of an earlier client.
    this.#socket!.send(Buffer.from([0xff]))
    await this.#ask({ execute: 'guest-sync-delimited', arguments: { id } }, (message) => message['return'] === id)
  }

  /** Sends and waits for the first message that `accept` takes; messages before it belong to an earlier client. */
  #ask(request: JsonObject, accept: (message: JsonObject) => boolean): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#broken(`the guest did not answer ${String(request['execute'])} in ${this.#timeoutMs} ms`)
      }, this.#timeoutMs)
      const finish = () => {
        clearTimeout(timer)
        this.#answer = undefined
        this.#fail = undefined
      }
      this.#answer = (message) => {
        if (!accept(message)) return
        finish()
        resolve(message)
      }
      this.#fail = (error) => {
        finish()
        reject(error)
      }
      this.#send(request)
    })
  }

  #send(request: JsonObject): void {
    if (this.#closed || !this.#socket) this.#fail?.(new Error('the connection to the guest is closed'))
    else this.#socket.send(request)
  }

  #enqueue<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(action, action)
    this.#queue = result.catch(() => {})
    return result
  }

  /** Ends the connection: after an answer out of order nothing on it can be trusted. */
  #broken(reason: string): Error {
    const error = new Error(reason)
    this.#socket?.close(error)
    this.#end(error)
    return error
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#fail?.(error ?? new Error('the connection to the guest was lost'))
    this.#onClose()
  }
}

function readResult(status: JsonObject): GuestExecResult {
  const { exitcode, 'out-data': output } = status
  return {
    exitCode: typeof exitcode === 'number' ? exitcode : undefined,
    stdout: Buffer.from(typeof output === 'string' ? output : '', 'base64'),
  }
}
