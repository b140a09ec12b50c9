import type { RequestListener, Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createHttpServer, refuseMalformed } from '@pileus/gateway/http-server'
import { attachForwardProxy } from '@pileus/gateway/proxy/forward-proxy'
import type { CertificateAuthority } from '@pileus/gateway/tls/certificate-authority'
import { createTlsServer } from '@pileus/gateway/tls/tls-server'
import type { Log } from '@pileus/kernel/log'

/** A server that listens, and the port it got. */
export interface Listening {
  port: number
  close(): Promise<void>
}

/** @throws Error that names the port and what to do when it is taken or not allowed. */
async function listen(server: Server | TlsServer, host: string, port: number, option: string): Promise<Listening> {
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
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

export interface PublicListeners {
  http: Listening
  https: Listening
  close(): Promise<void>
}

/** Opens the plain and the TLS listener; both answer directly and as the forward proxy for the vendor's hosts. */
export async function openPublicListeners(options: {
  host: string
  httpPort: number
  httpsPort: number
  onHttp: RequestListener
  authority: CertificateAuthority
  log: Log
}): Promise<PublicListeners> {
  const { authority, host, onHttp, log } = options
  const onError = (error: unknown): void => log.error({ err: error }, 'a connection failed')
  const contextFor = (name: string) => authority.contextFor(name)
  const plain = createHttpServer()
  attachForwardProxy(plain, { onHttp, contextFor, onError })
  const secure = await createTlsServer({ authority, onError })
  secure.on('clientError', refuseMalformed)
  attachForwardProxy(secure, { onHttp, contextFor, onError })
  const http = await listen(plain, host, options.httpPort, '--port')
  try {
    const https = await listen(secure, host, options.httpsPort, '--https-port')
    return { http, https, close: async () => void (await Promise.all([http.close(), https.close()])) }
  } catch (error) {
    await http.close()
    throw error
  }
}

function explain(error: NodeJS.ErrnoException, host: string, port: number, option: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(
      `port ${port} on ${host} is taken by another program; choose another with ${option}, or 0 for any free one`,
    )
  }
  if (error.code === 'EACCES')
    return new Error(`this user may not listen on port ${port}; choose one above 1023 with ${option}`)
  return new Error(`cannot listen on ${host}:${port}: ${error.message}`, { cause: error })
}
