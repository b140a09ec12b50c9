/**
 * A forward proxy that is an answering machine: clients with their ordinary configuration and `HTTP(S)_PROXY` set
 * arrive here, and for the vendor's hosts the gateway itself answers. It opens no connection to anywhere.
 *
 * Three ways in, one handler:
 * - `GET http://ecs.aliyuncs.com/?…` is turned into an ordinary request for that host.
 * - `CONNECT ecs.aliyuncs.com:443` is accepted; TLS ends here, with a certificate for just that host, and the requests
 *   inside must be for it too: the name in the handshake and the Host header are compared with the tunnel's.
 * - `CONNECT ecs.aliyuncs.com:80` is the same without TLS.
 *
 * The connection inside a tunnel is given to the same HTTP server, so its limits, time-outs and closing hold there too.
 * Such a server emits `connection` (or, itself under TLS, `secureConnection`) once more for it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type SecureContext, TLSSocket } from 'node:tls'
import { httpLimits } from './http-limits.ts'
import { readByEvents } from './read-by-events.ts'
import {
  type ConnectTarget,
  hostOfAuthority,
  isAbsoluteForm,
  parseAbsoluteTarget,
  parseConnectTarget,
} from './request-target.ts'
import { answersFor, vendorDomain } from './vendor-hosts.ts'

/** Answers one request. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface ForwardProxyOptions {
  /** Which hosts (lower case, no port) are answered for; those below the vendor's domain unless told otherwise. */
  readonly answerFor?: (host: string) => boolean
  /** Gets every request, proxied or not, with path and Host header as a server that is no proxy sees them. */
  readonly onHttp: HttpHandler
  /** Gets the requests from inside TLS tunnels in place of `onHttp`. */
  readonly onTlsRequest?: HttpHandler
  /** The certificate for a host, from the local authority. */
  readonly contextFor: (host: string) => Promise<SecureContext>
  /** Told of failures of a handler or of `contextFor`, which the client sees as 500. */
  readonly onError?: (error: unknown) => void
  /** How long a client may take for the TLS handshake inside a tunnel; 10 s unless told otherwise. */
  readonly handshakeTimeoutMs?: number
}

const tlsPort = 443
const plainPort = 80
const lingerMs = 2_000

/** A refusal, told to the client in plain text. */
class Refusal {
  readonly status: number
  readonly text: string
  constructor(status: number, text: string) {
    this.status = status
    this.text = `${text}\n`
  }
}

function notOurs(host: string): Refusal {
  return new Refusal(
    403,
    `This proxy does not answer for ${host}. It answers for hosts under ${vendorDomain} and connects to nowhere; set NO_PROXY for everything else.`,
  )
}

/** Makes a server that is proxy and gateway in one. It does not listen yet. */
export function createForwardProxy(options: ForwardProxyOptions): Server {
  const server = createServer(httpLimits)
  attachForwardProxy(server, options)
  return server
}

/**
 * Makes a server that has no request listener yet answer ordinary, proxied and tunnelled requests.
 * @throws Error if the server has a request listener, which would see proxied requests unprepared
 */
export function attachForwardProxy(server: Server | HttpsServer, options: ForwardProxyOptions): void {
  if (server.listenerCount('request') > 0) throw new Error('give the request handler to the forward proxy as onHttp')
  const answerFor = options.answerFor ?? answersFor
  const onError = options.onError ?? (() => {})
  const tunnels = new WeakMap<Duplex, ConnectTarget>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tunnel = tunnels.get(request.socket)
    const refusal = prepare(request, tunnel, answerFor)
    if (refusal !== undefined) return refuse(request, response, refusal)
    const handler = tunnel?.port === tlsPort ? (options.onTlsRequest ?? options.onHttp) : options.onHttp
    await handler(request, response)
  }

  function enter(socket: Socket, target: ConnectTarget): void {
    tunnels.set(socket, target)
    server.emit(server instanceof HttpsServer ? 'secureConnection' : 'connection', socket)
    if (target.port === tlsPort) readByEvents(socket)
  }

  async function openTunnel(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const target = request.httpVersionMajor === 1 ? parseConnectTarget(request.url ?? '') : undefined
    const refusal = tunnelRefusal(target, tunnels.has(socket), answerFor)
    if (refusal !== undefined) return refuseTunnel(socket, refusal)
    const { host, port } = target!
    const context = port === tlsPort ? await options.contextFor(host) : undefined
    if (socket.destroyed) return
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    if (head.length > 0) socket.unshift(head)
    if (context === undefined) return enter(socket, { host, port })
    shakeHands(socket, host, context, options.handshakeTimeoutMs ?? 10_000, (secured) => enter(secured, { host, port }))
  }

  if (server instanceof HttpsServer) server.on('secureConnection', readByEvents)
  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onError(error)
      if (response.headersSent) response.destroy()
      else refuse(request, response, new Refusal(500, 'The request could not be answered.'))
    })
  })

  server.on('connect', (request, duplex, head) => {
    const socket = duplex as Socket
    socket.on('error', () => socket.destroy()) // clients that vanish are ordinary
    openTunnel(request, socket, head).catch((error: unknown) => {
      onError(error)
      refuseTunnel(socket, new Refusal(500, 'The tunnel could not be opened.'))
    })
  })
}

/** Makes a request look as it would to a server that is no proxy, or says why it is refused. */
function prepare(
  request: IncomingMessage,
  tunnel: ConnectTarget | undefined,
  answerFor: (host: string) => boolean,
): Refusal | undefined {
  const url = request.url ?? ''
  const absolute = isAbsoluteForm(url)
  if (!absolute && tunnel === undefined) return undefined

  if ((request.headersDistinct['host']?.length ?? 0) > 1) {
    return new Refusal(400, 'The request has several Host headers.')
  }
  if (absolute) {
    const target = parseAbsoluteTarget(url)
    if (target === undefined) return new Refusal(400, 'The URL is malformed or of another scheme than http and https.')
    if (!answerFor(target.host)) return notOurs(target.host)
    request.url = target.originForm
    // The URL wins over the header (RFC 9112, 3.2.2), which is kept as it was signed where they agree.
    const sent = request.headers.host
    const authority = sent !== undefined && hostOfAuthority(sent) === target.host ? sent : target.authority
    removeProxyHeaders(request, authority)
  }
  if (tunnel === undefined) return undefined
  const host = hostOfAuthority(request.headers.host ?? '')
  if (host === tunnel.host) return undefined
  return new Refusal(421, `The tunnel is for ${tunnel.host} and the request inside it is for ${host ?? 'no host'}.`)
}

function removeProxyHeaders(request: IncomingMessage, authority: string): void {
  const rawHeaders = ['Host', authority]
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!
    if (/^(?:host|proxy-.*)$/i.test(name)) continue
    rawHeaders.push(name, request.rawHeaders[index + 1]!)
  }
  request.rawHeaders = rawHeaders
  for (const name of Object.keys(request.headers)) if (name.startsWith('proxy-')) delete request.headers[name]
  request.headers.host = authority
}

function tunnelRefusal(
  target: ConnectTarget | undefined,
  inTunnel: boolean,
  answerFor: (host: string) => boolean,
): Refusal | undefined {
  if (inTunnel) return new Refusal(400, 'There is no tunnel inside a tunnel.')
  if (target === undefined) return new Refusal(400, 'CONNECT takes host:port and HTTP/1.1.')
  if (!answerFor(target.host)) return notOurs(target.host)
  if (target.port !== tlsPort && target.port !== plainPort) {
    return new Refusal(
      403,
      `This proxy answers for ${target.host} at ports ${tlsPort} and ${plainPort}, not ${target.port}.`,
    )
  }
  return undefined
}

/** Ends TLS on a socket and calls back once; a client that fails, is late or names another host is dropped. */
function shakeHands(
  socket: Socket,
  host: string,
  context: SecureContext,
  timeoutMs: number,
  onSecure: (secured: TLSSocket) => void,
): void {
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: context,
    ALPNProtocols: ['http/1.1'],
    SNICallback: (name, callback) => {
      if (name.toLowerCase() === host) callback(null, context)
      else callback(new Error(`the tunnel is for ${host}`))
    },
  })
  const timer = setTimeout(() => secured.destroy(), timeoutMs)
  const close = () => {
    clearTimeout(timer)
    secured.destroy()
    socket.destroy()
  }
  secured.on('error', close)
  secured.on('close', close)
  socket.on('close', close)
  secured.once('secure', () => {
    clearTimeout(timer)
    onSecure(secured)
  })
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  request.resume()
  response.writeHead(refusal.status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(refusal.text),
    connection: 'close',
  })
  response.end(request.method === 'HEAD' ? undefined : refusal.text)
}

function refuseTunnel(socket: Socket, { status, text }: Refusal): void {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.resume() // what the client still says is of no interest, but its end is
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}
