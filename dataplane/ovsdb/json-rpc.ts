/** JSON-RPC 1.0 as OVSDB servers and the daemons' control sockets speak it (RFC 7047, section 4). */
import { closeSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import { JsonStream } from './json-stream.ts'

const maxMessageBytes = 512 * 1024 * 1024
/** Longest path a Unix socket address holds on Linux, without its final zero. */
const maxSocketPathBytes = 107

/** The peer answered a call with an error; `body` is what it said. */
export class JsonRpcError extends Error {
  readonly body: unknown
  constructor(method: string, body: unknown) {
    super(`${method} was refused: ${typeof body === 'string' ? body : JSON.stringify(body)}`)
    this.name = 'JsonRpcError'
    this.body = body
  }
}

/** The connection ended or a call took too long, so whether it happened is not known. */
export class JsonRpcLostError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'JsonRpcLostError'
  }
}

interface Pending {
  method: string
  resolve(result: unknown): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

export interface JsonRpcOptions {
  /** Called for each notification of the peer. */
  onNotification?(method: string, params: unknown[]): void
  /** Called once, when the connection is over. */
  onClose?(error: Error): void
  /** Silence after which the peer is asked for an echo; as much again without an answer ends the connection. */
  probeIntervalMs?: number
}

/** One open connection. It answers the peer's echoes by itself. */
export class JsonRpcConnection {
  readonly #socket: Socket
  readonly #options: JsonRpcOptions
  readonly #pending = new Map<number, Pending>()
  readonly #stream = new JsonStream(maxMessageBytes)
  #nextId = 1
  #closed: Error | undefined
  #drained: Promise<void> | undefined
  #heardSinceProbe = true
  #probe: NodeJS.Timeout | undefined

  private constructor(socket: Socket, options: JsonRpcOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the peer closed the connection')))
    if (options.probeIntervalMs) {
      this.#probe = setInterval(() => this.#checkAlive(options.probeIntervalMs!), options.probeIntervalMs)
      this.#probe.unref()
    }
  }

  /**
   * Connects to `unix:<path>` or `tcp:<host>:<port>`. Paths may be longer than a Unix socket address holds.
   * @throws Error when nothing listens there
   */
  static async open(address: string, options: JsonRpcOptions = {}, timeoutMs = 5000): Promise<JsonRpcConnection> {
    const socket = await connectTo(address, timeoutMs)
    return new JsonRpcConnection(socket, options)
  }

  /**
   * Result of a call.
   * @throws JsonRpcError when the peer refuses, JsonRpcLostError when no answer comes
   */
  async call(method: string, params: unknown[], timeoutMs = 30_000): Promise<unknown> {
    // A peer that reads slower than callers write holds them here, instead of growing this process.
    while (this.#drained) await this.#drained
    if (this.#closed) throw new JsonRpcLostError(`calling ${method}: not connected`, { cause: this.#closed })
    const id = this.#nextId++
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id)
        reject(new JsonRpcLostError(`calling ${method}: no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      this.#pending.set(id, { method, resolve, reject, timer })
      this.#send({ id, method, params })
    })
  }

  close(): void {
    this.#end(new Error('closed here'))
  }

  #send(message: object): void {
    if (this.#closed) return
    if (this.#socket.write(JSON.stringify(message))) return
    this.#drained ??= new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        this.#drained = undefined
        resolve()
      }
      this.#socket.on('drain', done)
      this.#socket.on('close', done)
    })
  }

  #receive(chunk: Buffer): void {
    this.#heardSinceProbe = true
    try {
      for (const message of this.#stream.push(chunk)) this.#handle(message as Record<string, unknown>)
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #handle(message: Record<string, unknown>): void {
    const { id, method, params } = message
    if (typeof method === 'string') {
      const list = Array.isArray(params) ? params : []
      if (id === null || id === undefined) this.#options.onNotification?.(method, list)
      else if (method === 'echo') this.#send({ id, result: list, error: null })
      else this.#send({ id, result: null, error: { error: 'unknown method' } })
      return
    }
    const call = this.#pending.get(id as number)
    if (!call) return
    this.#pending.delete(id as number)
    clearTimeout(call.timer)
    if (message['error'] !== null && message['error'] !== undefined) {
      call.reject(new JsonRpcError(call.method, message['error']))
    } else {
      call.resolve(message['result'])
    }
  }

  #checkAlive(intervalMs: number): void {
    if (this.#heardSinceProbe) {
      this.#heardSinceProbe = false
      return
    }
    this.call('echo', [], intervalMs).catch((error) => this.#end(error as Error))
  }

  #end(error: Error): void {
    if (this.#closed) return
    this.#closed = error
    clearInterval(this.#probe)
    this.#socket.destroy()
    for (const call of this.#pending.values()) {
      clearTimeout(call.timer)
      call.reject(new JsonRpcLostError(`calling ${call.method}: the connection ended`, { cause: error }))
    }
    this.#pending.clear()
    this.#options.onClose?.(error)
  }
}

async function connectTo(address: string, timeoutMs: number): Promise<Socket> {
  const { target, release } = parseAddress(address)
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect(target)
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs)
      const failed = (error: Error) => {
        clearTimeout(timer)
        reject(new Error(`connecting to ${address}`, { cause: error }))
      }
      socket.once('error', failed)
      socket.once('connect', () => {
        clearTimeout(timer)
        socket.off('error', failed)
        resolve(socket)
      })
    })
  } finally {
    release()
  }
}

/** Where to connect; a path too long for a socket address is reached through its directory's descriptor. */
function parseAddress(address: string): { target: { path: string } | { host: string; port: number }; release(): void } {
  const unix = /^unix:(.+)$/.exec(address)
  if (unix) {
    const path = unix[1]!
    if (Buffer.byteLength(path) <= maxSocketPathBytes) return { target: { path }, release: () => {} }
    const fd = openSync(dirname(path), 'r')
    return { target: { path: `/proc/self/fd/${fd}/${basename(path)}` }, release: () => closeSync(fd) }
  }
  const tcp = /^tcp:(.+):(\d+)$/.exec(address)
  if (!tcp) throw new Error(`${address} is neither unix:<path> nor tcp:<host>:<port>`)
  return { target: { host: tcp[1]!.replace(/^\[|\]$/g, ''), port: Number(tcp[2]) }, release: () => {} }
}

/** Calls one method on a daemon's control socket and gives its text, such as `vlog/reopen` or `exit`. */
export async function callDaemon(socketPath: string, method: string, args: string[] = []): Promise<string> {
  const connection = await JsonRpcConnection.open(`unix:${socketPath}`)
  try {
    return String(await connection.call(method, args, 10_000))
  } finally {
    connection.close()
  }
}
