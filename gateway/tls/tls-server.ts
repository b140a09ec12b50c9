import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { httpLimits } from '../proxy/http-limits.ts'
import type { CertificateAuthority } from './certificate-authority.ts'

/** How often the certificate of the direct endpoint is looked at; well below the 30 days it has left when renewed. */
const renewalCheckMs = 12 * 3_600_000

export interface TlsServerOptions {
  readonly authority: CertificateAuthority
  /** Leave it out when the server is then given to `attachForwardProxy`. */
  readonly onHttp?: RequestListener
  /** Told when a renewal fails; the old certificate stays in use. */
  readonly onError?: (error: unknown) => void
}

/**
 * Makes an HTTPS server that shows each client a certificate for the name it asked for, and the direct endpoint's to
 * clients that ask for none. Names the authority may not certify end the handshake. It does not listen yet.
 */
export async function createTlsServer({ authority, onHttp, onError }: TlsServerOptions): Promise<Server> {
  const direct = async () => {
    const { certificate, key } = await authority.directCertificate()
    return { cert: certificate, key, minVersion: 'TLSv1.2' } as const
  }
  const server = createServer(
    {
      ...httpLimits,
      ...(await direct()),
      handshakeTimeout: 10_000,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, callback) => {
        authority.contextFor(name).then(
          (context) => callback(null, context),
          (error: Error) => callback(error),
        )
      },
    },
    onHttp,
  )
  const timer = setInterval(() => {
    direct().then(
      (context) => server.setSecureContext(context),
      (error: unknown) => onError?.(error),
    )
  }, renewalCheckMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
  return server
}
