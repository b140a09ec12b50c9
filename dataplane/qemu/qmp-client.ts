/**
 * Client of QEMU's monitor protocol (QMP): a greeting, one negotiation, then commands matched by id and events.
 * The socket serves one client at a time; when the agent dies it is free again and QEMU goes on.
 */
import { isJsonObject, type JsonObject, MessageSocket } from './message-socket.ts'

const maxLineBytes = 1 << 20

export interface QmpEvent {
  name: string
  data: JsonObject
}

/** QEMU's answer that a command failed. */
export class QmpError extends Error {
  readonly errorClass: string

  constructor(command: string, errorClass: string, description: string) {
    super(`QEMU refused ${command}: ${description}`)
    this.name = 'QmpError'
    this.errorClass = errorClass
  }
}

/** What QEMU says of the machine as a whole; `shutdown` means that the guest powered off and QEMU waits. */
export type RunState = 'running' | 'paused' | 'shutdown' | 'io-error' | 'internal-error' | (string & {})

interface Waiting {
  command: string
  resolve: (value: unknown) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

export interface QmpOptions {
  onEvent?: (event: QmpEvent) => void
  /** Called once when the connection ends, whoever ends it. */
  onClose?: () => void
  timeoutMs?: number
}

export class QmpClient {
  readonly #options: QmpOptions
  readonly #timeoutMs: number
  readonly #waiting = new Map<number, Waiting>()
  readonly #greeted: Promise<void>
  #greet: () => void = () => {}
  #refuse: (error: Error) => void = () => {}
  #socket: MessageSocket | undefined
  #closed = false
  #lastId = 0

  private constructor(options: QmpOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 5000
    this.#greeted = new Promise((resolve, reject) => {
      this.#greet = resolve
      this.#refuse = reject
    })
  }

  /** Connects and negotiates. @throws Error when nothing listens or the other side does not speak QMP in time */
  static async connect(path: string, options: QmpOptions = {}): Promise<QmpClient> {
    const client = new QmpClient(options)
    client.#greeted.catch(() => {})
    client.#socket = await MessageSocket.connect(
      path,
      { maxLineBytes, connectTimeoutMs: client.#timeoutMs },
      { onMessage: (message) => client.#receive(message), onClose: (error) => client.#end(error) },
    )
    const timer = setTimeout(() => client.#end(new Error('QEMU did not greet in time')), client.#timeoutMs)
    try {
      await client.#greeted
    } finally {
      clearTimeout(timer)
    }
    await client.execute('qmp_capabilities')
    return client
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Runs one command and gives its `return` value. @throws QmpError when QEMU refuses; Error on time-out or loss */
  execute(command: string, args?: JsonObject): Promise<unknown> {
    if (this.#closed || !this.#socket) return Promise.reject(new Error('the monitor connection is closed'))
    this.#lastId += 1
    const id = this.#lastId
    const answer = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`QEMU did not answer ${command} in ${this.#timeoutMs} ms`))
      }, this.#timeoutMs)
      this.#waiting.set(id, { command, resolve, reject, timer })
    })
    this.#socket.send({ execute: command, id, ...(args ? { arguments: args } : {}) })
    return answer
  }

  /** How the machine is doing. */
  async getRunState(): Promise<RunState> {
    const answer = await this.execute('query-status')
    if (!isJsonObject(answer) || typeof answer['status'] !== 'string') throw new Error('QEMU gave no status')
    return answer['status']
  }

  /** Whether a process in the guest holds the port behind `chardev` open. */
  async isPortOpen(chardev: string): Promise<boolean> {
    const answer = await this.execute('query-chardev')
    if (!Array.isArray(answer)) throw new Error('QEMU gave no list of character devices')
    const found = answer.find((entry) => isJsonObject(entry) && entry['label'] === chardev)
    return isJsonObject(found) && found['frontend-open'] === true
  }

  /** Takes what a ring chardev holds, at most `sizeBytes`; what is taken is gone from QEMU. */
  async takeRing(device: string, sizeBytes: number): Promise<Buffer> {
    const answer = await this.execute('ringbuf-read', { device, size: sizeBytes, format: 'base64' })
    if (typeof answer !== 'string') throw new Error('QEMU gave no console data')
    return Buffer.from(answer, 'base64')
  }

  close(): void {
    this.#socket?.close()
    this.#end(undefined)
  }

  #receive(message: JsonObject): void {
    const event = message['event']
    if (isJsonObject(message['QMP'])) this.#greet()
    else if (typeof event !== 'string') this.#answer(message)
    else this.#options.onEvent?.({ name: event, data: isJsonObject(message['data']) ? message['data'] : {} })
  }

  #answer(message: JsonObject): void {
    const id = message['id']
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined
    if (!waiting) return
    this.#waiting.delete(id as number)
    clearTimeout(waiting.timer)
    const failure = message['error']
    if (!isJsonObject(failure)) waiting.resolve(message['return'])
    else waiting.reject(new QmpError(waiting.command, String(failure['class']), String(failure['desc'])))
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket?.close()
    const reason = new Error('the monitor connection was lost', { cause: error })
    this.#refuse(error ?? reason)
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer)
      waiting.reject(reason)
    }
    this.#waiting.clear()
    this.#options.onClose?.()
  }
}
