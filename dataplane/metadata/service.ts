/**
 * The metadata service: one listening socket per router, in that router's namespace. Who asks is known from the router
 * and the source address together, because the address spaces of two routers may overlap.
 */
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { DesiredMachine, MachineMetadata } from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import { answerMetadata } from './answer.ts'
import type { TokenMint } from './tokens.ts'

const recheckMs = 10_000
const maxConnectionsPerRouter = 1024
const defaultRequestTimeoutMs = 5000

export interface MetadataServiceOptions {
  tokens: TokenMint
  /** Makes the place where a router's guests are heard. */
  ensurePort: (routerId: string) => Promise<{ netns: string }>
  removePort: (routerId: string) => Promise<void>
  listPorts: () => Promise<{ routerId: string }[]>
  /** A listening socket at the service's address in a namespace. */
  listen: (netns: string) => Promise<Server>
  /** Names a namespace for as long as it lives; undefined when it is gone. */
  findNamespaceInode: (netns: string) => number | undefined
  log: Log
  /** How long a guest may take to ask, from connecting or from its last answer; 5 s unless told otherwise. */
  requestTimeoutMs?: number
}

interface Listener {
  server: Server
  netns: string
  inode: number | undefined
}

export class MetadataService {
  readonly #options: MetadataServiceOptions
  readonly #http: HttpServer
  readonly #machines = new Map<string, Map<string, MachineMetadata>>()
  readonly #listeners = new Map<string, Listener>()
  /** Work on one router goes in order. */
  readonly #work = new Map<string, Promise<void>>()
  readonly #routerOf = new WeakMap<Socket, string>()
  /** Open connections, each with the timer that ends it unless its guest asks in time. */
  readonly #sockets = new Map<Socket, NodeJS.Timeout>()
  #timer: NodeJS.Timeout | undefined
  #isKnown = false

  constructor(options: MetadataServiceOptions) {
    this.#options = options
    this.#http = createServer({ maxHeaderSize: 8192 }, (request, response) => this.#answer(request, response))
    this.#http.keepAliveTimeout = options.requestTimeoutMs ?? defaultRequestTimeoutMs
  }

  /** Begins to look after listeners that die with their namespace, and ports that nobody wants. */
  start(): void {
    this.#timer = setInterval(() => void this.#recheck(), recheckMs)
    this.#timer.unref()
  }

  /** Replaces what is known of all machines. */
  setMachines(machines: DesiredMachine[]): void {
    this.#machines.clear()
    for (const machine of machines) {
      for (const nic of machine.nics) {
        const known = this.#machines.get(nic.routerId) ?? new Map<string, MachineMetadata>()
        this.#machines.set(nic.routerId, known.set(nic.ip, machine.metadata))
      }
    }
    this.#isKnown = true
    void this.#recheck()
  }

  /** Returns when the router's guests are heard. @throws Error when they cannot be */
  ensure(routerId: string): Promise<void> {
    return this.#inOrder(routerId, () => this.#ensureNow(routerId))
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.allSettled(this.#work.values())
    for (const listener of this.#listeners.values()) listener.server.close()
    for (const socket of this.#sockets.keys()) socket.destroy()
    this.#http.close()
  }

  #inOrder(routerId: string, action: () => Promise<void>): Promise<void> {
    const done = (this.#work.get(routerId) ?? Promise.resolve()).then(action)
    const settled = done.catch(() => {})
    this.#work.set(routerId, settled)
    void settled.then(() => {
      if (this.#work.get(routerId) === settled) this.#work.delete(routerId)
    })
    return done
  }

  async #recheck(): Promise<void> {
    if (!this.#isKnown) return
    const wanted = new Set(this.#machines.keys())
    const made = await this.#options.listPorts().catch(() => [])
    const known = new Set([...wanted, ...this.#listeners.keys(), ...made.map((port) => port.routerId)])
    const work = [...known].map((routerId) =>
      this.#inOrder(routerId, () =>
        this.#machines.has(routerId) ? this.#ensureNow(routerId) : this.#removeNow(routerId),
      ).catch((error) =>
        this.#options.log.warn({ routerId, err: error }, 'the metadata service of a router is not right'),
      ),
    )
    await Promise.all(work)
  }

  async #ensureNow(routerId: string): Promise<void> {
    const known = this.#listeners.get(routerId)
    const { ensurePort, listen, findNamespaceInode } = this.#options
    if (known && known.inode !== undefined && findNamespaceInode(known.netns) === known.inode) return
    known?.server.close()
    this.#listeners.delete(routerId)
    const { netns } = await ensurePort(routerId)
    const server = await listen(netns)
    server.maxConnections = maxConnectionsPerRouter
    server.on('connection', (socket) => this.#accept(socket, routerId))
    this.#listeners.set(routerId, { server, netns, inode: findNamespaceInode(netns) })
  }

  async #removeNow(routerId: string): Promise<void> {
    this.#listeners.get(routerId)?.server.close()
    this.#listeners.delete(routerId)
    await this.#options.removePort(routerId)
  }

  #accept(socket: Socket, routerId: string): void {
    this.#routerOf.set(socket, routerId)
    // Node's own time-outs are for servers that listen themselves, which this one does not.
    const timer = setTimeout(() => socket.destroy(), this.#options.requestTimeoutMs ?? defaultRequestTimeoutMs)
    this.#sockets.set(socket, timer)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#sockets.delete(socket)
    })
    this.#http.emit('connection', socket)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const routerId = this.#routerOf.get(request.socket)
    const address = request.socket.remoteAddress?.replace(/^::ffff:/, '')
    const machine = this.#machines.get(routerId ?? '')?.get(address ?? '')
    const { method = '', url = '', headers } = request
    const { status, body } = answerMetadata({ method, url, headers }, machine, this.#options.tokens, Date.now())
    const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    // A body that nobody reads would keep the connection busy.
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      ...(hasBody ? { connection: 'close' } : {}),
    })
    response.end(method === 'HEAD' ? undefined : body)
    this.#sockets.get(request.socket)?.refresh()
  }
}
