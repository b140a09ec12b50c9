/**
 * A Unix socket that carries one JSON object per line, with a bound on everything: the other side may be hostile.
 * QMP and the guest agent's protocol share this framing.
 */
import { open } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'

export type JsonObject = Record<string, unknown>

export interface MessageSocketOptions {
  /** Longest accepted line; a longer one closes the socket. */
  maxLineBytes: number
  connectTimeoutMs: number
}

export interface MessageSocketHandlers {
  onMessage: (message: JsonObject) => void
  /** Called once, with the reason when there is one. */
  onClose: (error: Error | undefined) => void
}

/** Whether `value` is a JSON object, as opposed to an array or a bare value. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Splits a byte stream into lines of bounded length. */
export class LineSplitter {
  readonly #maxLineBytes: number
  #parts: Buffer[] = []
  #size = 0

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes
  }

  /** Lines completed by `chunk`, without their ends. @throws RangeError when a line is too long */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end))
      lines.push(Buffer.concat(this.#parts))
      this.reset()
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** Forgets an unfinished line. */
  reset(): void {
    this.#parts = []
    this.#size = 0
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return
    this.#size += part.length
    if (this.#size > this.#maxLineBytes) throw new RangeError(`a line exceeds ${this.#maxLineBytes} bytes`)
    this.#parts.push(part)
  }
}

export class MessageSocket {
  readonly #socket: Socket
  readonly #lines: LineSplitter
  readonly #handlers: MessageSocketHandlers
  #closed = false

  private constructor(socket: Socket, options: MessageSocketOptions, handlers: MessageSocketHandlers) {
    this.#socket = socket
    this.#lines = new LineSplitter(options.maxLineBytes)
    this.#handlers = handlers
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(undefined))
  }

  /** Connects to the socket at `path`, however long the path is. @throws Error when nothing listens there */
  static async connect(
    path: string,
    options: MessageSocketOptions,
    handlers: MessageSocketHandlers,
  ): Promise<MessageSocket> {
    // A socket address holds 107 bytes; through an open directory the path is always short.
    const directory = await open(dirname(path), 'r')
    try {
      const socket = createConnection({ path: `/proc/self/fd/${directory.fd}/${basename(path)}` })
      await connected(socket, options.connectTimeoutMs)
      return new MessageSocket(socket, options, handlers)
    } finally {
      await directory.close()
    }
  }

  /** Sends one message, or raw bytes as they are. */
  send(message: JsonObject | Buffer): void {
    if (this.#closed) return
    this.#socket.write(Buffer.isBuffer(message) ? message : `${JSON.stringify(message)}\n`)
  }

  close(reason?: Error): void {
    this.#end(reason)
  }

  #read(chunk: Buffer): void {
    try {
      for (const line of this.#lines.push(chunk)) this.#accept(line)
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #accept(line: Buffer): void {
    if (this.#closed) return
    // The guest agent puts this byte, which UTF-8 never contains, after whatever an earlier client left unread.
    const text = line
      .subarray(line.lastIndexOf(0xff) + 1)
      .toString('utf8')
      .trim()
    if (text === '') return
    const message = parseJson(text)
    if (!isJsonObject(message)) throw new Error('a message is not a JSON object')
    this.#handlers.onMessage(message)
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    this.#handlers.onClose(error)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error('a message is not JSON', { cause })
  }
}

function connected(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(new Error('connecting took too long')), timeoutMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', onError)
      resolve()
    })
    const onError = (error: Error) => {
      clearTimeout(timer)
      fail(error)
    }
    socket.once('error', onError)
  })
}
