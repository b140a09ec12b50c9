import type { RequestListener, Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, Socket } from 'node:net'
import { deferContinue } from '@pileus/gateway/expect-continue'
import { createHttpServer, refuseMalformed } from '@pileus/gateway/http-server'
import { attachForwardProxy } from '@pileus/gateway/proxy/forward-proxy'
import type { CertificateAuthority } from '@pileus/gateway/tls/certificate-authority'
import { createTlsServer } from '@pileus/gateway/tls/tls-server'
import type { Log } from '@pileus/kernel/log'
import type { ConnectionKind, Handed, WorkerNews } from './workers.ts'

/** A server that listens, and the port it got. */
export interface Listening {
  port: number
  close(): Promise<void>
}

/** @throws Error that names the port and what to do when it is taken or not allowed. */
async function listen(server: NetServer, answering: HttpServer, address: Address): Promise<Listening> {
  const { host, port, option } = address
  await new Promise<void>((done, fail) => {
    const onError = (error: NodeJS.ErrnoException): void => fail(explain(error, host, port, option))
    server.once('error', onError)
    server.listen(port, host, () => {
      server.off('error', onError)
      done()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((done) => {
        // Of connections that were handed out a server only hears from their processes, which may be gone.
        server.close(server === answering ? () => done() : undefined)
        answering.closeAllConnections()
        if (server !== answering) done()
      }),
  }
}

type HttpServer = Server | TlsServer

interface Address {
  host: string
  port: number
  option: string
}

export interface PublicListeners {
  http: Listening
  https: Listening
  close(): Promise<void>
}

interface Answering {
  onHttp: RequestListener
  authority: CertificateAuthority
  log: Log
}

/** Both servers answer directly and as the forward proxy for the vendor's hosts. They do not listen yet. */
async function createServers({ authority, onHttp, log }: Answering): Promise<Record<ConnectionKind, HttpServer>> {
  const onError = (error: unknown): void => log.error({ err: error }, 'a connection failed')
  const contextFor = (name: string) => authority.contextFor(name)
  const http = createHttpServer()
  attachForwardProxy(http, { onHttp, contextFor, onError })
  const https = await createTlsServer({ authority, onError })
  https.on('clientError', refuseMalformed)
  deferContinue(https)
  attachForwardProxy(https, { onHttp, contextFor, onError })
  return { http, https }
}

/** Opens the plain and the TLS listener. */
export async function openPublicListeners(
  options: Answering & {
    host: string
    httpPort: number
    httpsPort: number
    /** Offers each connection to another process first; false when none takes it. */
    handOver?: (kind: ConnectionKind, socket: Socket) => boolean
  },
): Promise<PublicListeners> {
  const { host, handOver } = options
  const servers = await createServers(options)
  const open = (kind: ConnectionKind, port: number, option: string): Promise<Listening> => {
    const address = { host, port, option }
    const answering = servers[kind]
    if (!handOver) return listen(answering, answering, address)
    const accepting = createNetServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      if (handOver(kind, socket)) return
      answering.emit('connection', socket)
      socket.resume()
    })
    return listen(accepting, answering, address)
  }
  const http = await open('http', options.httpPort, '--port')
  try {
    const https = await open('https', options.httpsPort, '--https-port')
    return { http, https, close: async () => void (await Promise.all([http.close(), https.close()])) }
  } catch (error) {
    await http.close()
    throw error
  }
}

/** Answers on connections that the process that forked this one accepts. The ports are that one's. */
export async function receiveConnections(
  options: Answering & { httpPort: number; httpsPort: number },
): Promise<PublicListeners> {
  const servers = await createServers(options)
  const onMessage = (message: unknown, socket: unknown): void => {
    // The client may have left on the way; then there is no socket.
    const { connection, id } = message as Partial<Handed>
    if (connection === undefined || id === undefined) return
    const took: WorkerNews = { is: 'took', id }
    process.send?.(took)
    if (!(socket instanceof Socket)) return
    socket.setNoDelay(true)
    servers[connection].emit('connection', socket)
  }
  process.on('message', onMessage)
  const listening = (kind: ConnectionKind, port: number): Listening => ({
    port,
    async close() {
      process.off('message', onMessage)
      servers[kind].closeAllConnections()
    },
  })
  const http = listening('http', options.httpPort)
  const https = listening('https', options.httpsPort)
  return { http, https, close: async () => void (await Promise.all([http.close(), https.close()])) }
}

function explain(error: NodeJS.ErrnoException, host: string, port: number, option: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `port ${port} on ${host} is taken by another program; choose another with ${option}, or 0 for any free one`,
    )
  }
  if (error.code === 'EACCES')
    return new Error(`this user may not listen on port ${port}; choose one above 1023 with ${option}`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new Error(`this machine has no address ${host}; choose another with --host, such as 127.0.0.1 or 0.0.0.0`)
  return new Error(`cannot listen on ${host}:${port}: ${error.message}`, { cause: error })
}
