/**
 * Requests to addresses that customers name. They must reach the public network only: neither this machine, nor its
 * neighbours, nor the metadata services of whoever hosts it. So a name is resolved first, each address is judged, and
 * the connection goes to the very address that was judged; redirects are not followed.
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type ConnectionOptions, checkServerIdentity, type DetailedPeerCertificate } from 'node:tls'

export interface OutboundCall {
  /** `http:` or `https:`, without user and password. */
  url: string
  method: 'GET' | 'POST'
  headers?: Readonly<Record<string, string>>
  body?: Buffer
  /** Time for everything, from resolving the name to the last byte of the answer. */
  timeoutMs: number
  maxAnswerBytes: number
  /** `Host` header and name in TLS, when not the URL's. */
  hostHeader?: string
  serverName?: string
  /** SHA-1 of certificates, in hex: one of the verified chain must be among them. Only for `https:`. */
  pinnedSha1?: readonly string[]
  /**
   * `<host>:<port>` to connect to instead, in the clear and unjudged; the URL's host is still named. It must come from
   * the installation itself, for names that mean the installation itself.
   */
  via?: string
  /** Ends the call, also while its answer is read. */
  signal?: AbortSignal
}

/** An answer whose body has not been read yet; reading it throws OutboundError. Leaving the loop ends the call. */
export interface OutboundStream {
  status: number
  headers: IncomingMessage['headers']
  body: AsyncIterable<Buffer>
}

export interface OutboundAnswer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface OutboundHttp {
  /** @throws OutboundError */
  request(call: OutboundCall): Promise<OutboundAnswer>
  /** As `request`, for answers that are too large to be held. @throws OutboundError */
  open(call: OutboundCall): Promise<OutboundStream>
}

/** Why nothing came back. Its message may be shown to the customer: it tells nothing about what is behind an address. */
export class OutboundError extends Error {
  readonly reason: 'url' | 'forbidden' | 'unreachable' | 'timeout' | 'tooLarge'
  constructor(reason: OutboundError['reason'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'OutboundError'
    this.reason = reason
  }
}

interface Exception {
  addresses: BlockList
  /** Any when undefined. */
  port: number | undefined
}

/**
 * `allow` lists what may be reached besides the public network: `<address>`, `<address>/<bits>`, and for one port
 * `<address>:<port>` or `[<address>]:<port>`.
 * @throws Error that names the entry which cannot be read
 */
export function createOutboundHttp(allow: readonly string[] = []): OutboundHttp {
  const exceptions = allow.map(parseException)
  const mayReach = (address: string, port: number): boolean => {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const isException = exceptions.some(
      (one) => (one.port === undefined || one.port === port) && one.addresses.check(address, family),
    )
    return isException || isPublic(address)
  }
  const open = async (call: OutboundCall): Promise<OutboundStream> => {
    const url = parseUrl(call.url)
    const timer = AbortSignal.timeout(call.timeoutMs)
    const signal = call.signal ? AbortSignal.any([timer, call.signal]) : timer
    const { hostname, port: portText, protocol } = call.via === undefined ? url : new URL(`http://${call.via}`)
    const port = portText === '' ? (protocol === 'https:' ? 443 : 80) : Number(portText)
    const host = hostname.replace(/^\[|\]$/g, '')
    const addresses = await resolve(host, signal)
    const address = addresses.find((one) => call.via !== undefined || mayReach(one, port))
    if (address === undefined) {
      throw new OutboundError('forbidden', `${url.hostname} is not on the public network, so it may not be called.`)
    }
    return await send(call, url, { host: address, port, signal }, isIP(host) === 0 ? host : undefined)
  }
  return {
    open,
    async request(call) {
      const { status, headers, body } = await open(call)
      const chunks: Buffer[] = []
      for await (const chunk of body) chunks.push(chunk)
      return { status, headers, body: Buffer.concat(chunks) }
    },
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url && isWeb && url.username === '' && url.password === '' && url.hostname !== '') return url
  throw new OutboundError('url', 'It must be an http or https URL without user and password.')
}

async function resolve(host: string, deadline: AbortSignal): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(timeout()), { once: true })
  })
  // Whoever wins, the other must not count as unhandled.
  late.catch(() => {})
  try {
    const found = await Promise.race([lookup(host, { all: true, order: 'ipv4first' }), late])
    return found.map(({ address }) => address)
  } catch (error) {
    if (error instanceof OutboundError) throw error
    throw new OutboundError('unreachable', `The name ${host} cannot be resolved.`, error)
  }
}

type SecureOptions = RequestOptions & Pick<ConnectionOptions, 'servername' | 'checkServerIdentity'>

/** As Node judges a name, and one certificate of the chain must be among those that are pinned. */
function pinnedIdentity(pinnedSha1: readonly string[]): NonNullable<ConnectionOptions['checkServerIdentity']> {
  const pinned = new Set(pinnedSha1.map((one) => one.toLowerCase()))
  return (name, certificate) => {
    const fault = checkServerIdentity(name, certificate)
    if (fault) return fault
    let one: DetailedPeerCertificate | undefined = certificate as DetailedPeerCertificate
    // A root is its own issuer.
    for (let depth = 0; one && depth < 10; depth++) {
      if (pinned.has(one.fingerprint.replaceAll(':', '').toLowerCase())) return undefined
      one = one.issuerCertificate
    }
    return new OutboundError('unreachable', `No certificate of ${name} has one of the fingerprints given.`)
  }
}

function send(
  call: OutboundCall,
  url: URL,
  target: Pick<RequestOptions, 'host' | 'port' | 'signal'>,
  name: string | undefined,
): Promise<OutboundStream> {
  const isSecure = url.protocol === 'https:' && call.via === undefined
  const serverName = call.serverName ?? name
  const describe = (error: Error & { code?: string }): OutboundError => {
    if (error instanceof OutboundError) return error
    // While an answer is read, its end by the signal looks like a connection that was lost.
    if (target.signal?.aborted) return timeout()
    return new OutboundError('unreachable', `The request to ${url.host} failed: ${error.code ?? 'no answer'}.`, error)
  }
  return new Promise((resolveAnswer, reject) => {
    const options: SecureOptions = {
      ...target,
      agent: false,
      method: call.method,
      path: `${url.pathname}${url.search}`,
      maxHeaderSize: 16 * 1024,
      headers: {
        ...call.headers,
        host: call.hostHeader ?? url.host,
        connection: 'close',
        ...(call.body ? { 'content-length': String(call.body.length) } : {}),
      },
      ...(isSecure && serverName !== undefined ? { servername: serverName } : {}),
      ...(isSecure && call.pinnedSha1?.length ? { checkServerIdentity: pinnedIdentity(call.pinnedSha1) } : {}),
    }
    const outgoing = (isSecure ? requestHttps : requestHttp)(options, (answer) => {
      const body = readAnswer(answer, call.maxAnswerBytes, describe)
      resolveAnswer({ status: answer.statusCode ?? 0, headers: answer.headers, body })
    })
    // After the answer has begun, its own reading tells.
    outgoing.on('error', (error) => reject(describe(error)))
    outgoing.end(call.body)
  })
}

async function* readAnswer(
  answer: IncomingMessage,
  maxBytes: number,
  describe: (error: Error) => OutboundError,
): AsyncGenerator<Buffer> {
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new OutboundError('tooLarge', `The answer has more than ${maxBytes} bytes.`)
      yield chunk
    }
  } catch (error) {
    throw describe(error as Error)
  }
}

function timeout(): OutboundError {
  return new OutboundError('timeout', 'No answer came in time.')
}

/** Special-purpose addresses. @see RFC 6890 and the registries of IANA that it began */
const reservedV4 = blockListOf(
  `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
  192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`,
)
const unicastV6 = blockListOf('2000::/3')
/** Within unicast: protocols of their own, tunnels that carry an IPv4 address, documentation. */
const reservedV6 = blockListOf('2001::/23 2001:db8::/32 2002::/16 3fff::/20')

function blockListOf(networks: string): BlockList {
  const list = new BlockList()
  for (const network of networks.split(/\s+/)) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an address is on the public network, and not one of this machine's. */
export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 0 || address.includes('%')) return false
  if (family === 6 && (!unicastV6.check(address, 'ipv6') || reservedV6.check(address, 'ipv6'))) return false
  if (family === 4 && reservedV4.check(address, 'ipv4')) return false
  const own = new BlockList()
  for (const one of Object.values(networkInterfaces()).flat()) {
    if (one && !one.address.includes('%')) own.addAddress(one.address, one.family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
  return !own.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

function parseException(entry: string): Exception {
  const parts = /^(?:\[([^\]]+)\]|([^:/]+)|([^\]/]+))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/.exec(entry)
  const address = parts?.[1] ?? parts?.[2] ?? parts?.[3] ?? ''
  const family = isIP(address)
  const most = family === 6 ? 128 : 32
  const bits = parts?.[4] === undefined ? most : Number(parts[4])
  const port = parts?.[5] === undefined ? undefined : Number(parts[5])
  if (!parts || family === 0 || bits > most || (port !== undefined && port > 65_535)) {
    throw new Error(`"${entry}" is not an address, a network or an address with a port`)
  }
  const addresses = new BlockList()
  addresses.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  return { addresses, port }
}
