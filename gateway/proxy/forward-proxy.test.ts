import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import http, { createServer, type IncomingMessage, type Server } from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type CertificateAuthority, ensureCertificateAuthority } from '../tls/certificate-authority.ts'
import { createTlsServer } from '../tls/tls-server.ts'
import { attachForwardProxy, createForwardProxy, type ForwardProxyOptions } from './forward-proxy.ts'

const run = promisify(execFile)
const vendorUrl = 'https://ecs.cn-hangzhou.aliyuncs.com/?Action=DescribeRegions&Signature=a%2Bb%3D'

let directory: string
let authority: CertificateAuthority
let ca: string
let proxy: Server
let port: number
let failures: unknown[]
let sockets: Socket[]
const unhandled: unknown[] = []
const noteUnhandled = (error: unknown) => unhandled.push(error)

/** Says what arrived, so that a test sees what the gateway would see. */
async function echo(request: IncomingMessage, response: http.ServerResponse): Promise<void> {
  if (request.url === '/throw') throw new Error('the handler failed')
  if (request.url === '/never') return
  let bodyBytes = 0
  for await (const chunk of request) bodyBytes += (chunk as Buffer).length
  const secure = 'encrypted' in request.socket
  const { method, url, headers, rawHeaders } = request
  const from = request.socket.remoteAddress
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, url, headers, rawHeaders, secure, bodyBytes, from }))
}

async function listen(server: http.Server | https.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const options = (): ForwardProxyOptions => ({
  onHttp: echo,
  contextFor: authority.contextFor,
  handshakeTimeoutMs: 1_000,
  onError: (error) => failures.push(error),
})

beforeAll(async () => {
  process.on('unhandledRejection', noteUnhandled)
  process.on('uncaughtException', noteUnhandled)
  directory = await mkdtemp(path.join(tmpdir(), 'pileus-proxy-'))
  authority = await ensureCertificateAuthority(directory)
  ca = await readFile(authority.caFile, 'utf8')
})

afterAll(async () => {
  process.off('unhandledRejection', noteUnhandled)
  process.off('uncaughtException', noteUnhandled)
  await rm(directory, { recursive: true, force: true })
})

beforeEach(async () => {
  failures = []
  sockets = []
  proxy = createForwardProxy(options())
  port = await listen(proxy)
})

afterEach(async () => {
  // What lies on top goes first: Node crashes when the socket below a TLS socket is destroyed before it.
  for (const socket of sockets.reverse()) socket.destroy()
  if (proxy.listening) {
    proxy.close()
    proxy.closeAllConnections()
    await once(proxy, 'close')
  }
  expect(unhandled).toEqual([])
})

function openConnections(server: http.Server): Promise<number> {
  return promisify(server.getConnections.bind(server))()
}

function dial(to = port): Socket {
  const socket = connectTcp({ host: '127.0.0.1', port: to, allowHalfOpen: true })
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

/** Everything the server says until it ends the connection. */
async function readToEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (!socket.closed && !socket.readableEnded) await Promise.race([once(socket, 'end'), once(socket, 'close')])
  return Buffer.concat(chunks).toString('latin1')
}

async function say(bytes: string, to = port): Promise<string> {
  const socket = dial(to)
  socket.write(bytes, 'latin1')
  return readToEnd(socket)
}

/** Reads one header block and leaves the connection open. */
async function readHead(socket: Socket): Promise<string> {
  let text = ''
  while (!text.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    text += chunk.toString('latin1')
  }
  return text
}

async function tunnelTo(target: string): Promise<Socket> {
  const socket = dial()
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
  expect(await readHead(socket)).toMatch(/^HTTP\/1\.1 200 /)
  return socket
}

async function secureTunnelTo(host: string, servername = host): Promise<TLSSocket> {
  const socket = await tunnelTo(`${host}:443`)
  const secured = connectTls({ socket, servername, ca, ALPNProtocols: ['h2', 'http/1.1'] })
  secured.on('error', () => {})
  sockets.push(secured)
  await once(secured, 'secureConnect')
  return secured
}

const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>

test('An absolute URL reaches the handler as path and host, byte for byte', async () => {
  const answer = await say(
    'GET http://ecs.cn-hangzhou.aliyuncs.com/?Action=DescribeRegions&Signature=a%2Bb%3D&x=%zz HTTP/1.1\r\n' +
      'host: ecs.cn-hangzhou.aliyuncs.com\r\nProxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\n' +
      'X-Acs-Date: now\r\nConnection: close\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(bodyOf(answer)).toMatchObject({
    method: 'GET',
    url: '/?Action=DescribeRegions&Signature=a%2Bb%3D&x=%zz',
    secure: false,
    headers: { host: 'ecs.cn-hangzhou.aliyuncs.com', 'x-acs-date': 'now' },
    rawHeaders: ['Host', 'ecs.cn-hangzhou.aliyuncs.com', 'X-Acs-Date', 'now', 'Connection', 'close'],
  })
  expect(Object.keys(bodyOf(answer)['headers'] as object).filter((name) => name.startsWith('proxy-'))).toEqual([])
})

test.each([
  ['http://sts.aliyuncs.com', '/'],
  ['http://sts.aliyuncs.com?Action=GetCallerIdentity', '/?Action=GetCallerIdentity'],
  ['HTTP://STS.aliyuncs.com:80/a//b/../c?x=http://y/', '/a//b/../c?x=http://y/'],
  ['https://sts.aliyuncs.com/', '/'],
])('%s is asked for as %s', async (url, asked) => {
  const answer = await say(`GET ${url} HTTP/1.1\r\nHost: sts.aliyuncs.com\r\nConnection: close\r\n\r\n`)
  expect(bodyOf(answer)).toMatchObject({ url: asked, headers: { host: 'sts.aliyuncs.com' } })
})

test('The URL wins over a Host header that says otherwise', async () => {
  const answer = await say(
    'GET http://b.oss-cn-beijing.aliyuncs.com/k HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
  )
  expect(bodyOf(answer)).toMatchObject({ url: '/k', headers: { host: 'b.oss-cn-beijing.aliyuncs.com' } })
  const old = await say('GET http://sts.aliyuncs.com/k HTTP/1.0\r\n\r\n')
  expect(bodyOf(old)).toMatchObject({ url: '/k', headers: { host: 'sts.aliyuncs.com' } })
})

test('Requests that are not proxied pass untouched', async () => {
  const answer = await say('GET /?Action=A HTTP/1.1\r\nHost: 127.0.0.1:80\r\nProxy-X: y\r\nConnection: close\r\n\r\n')
  expect(bodyOf(answer)).toMatchObject({ url: '/?Action=A', headers: { host: '127.0.0.1:80', 'proxy-x': 'y' } })
})

test.each([
  ['GET http://example.com/ HTTP/1.1', 403, 'example.com'],
  ['GET http://127.0.0.1:5432/ HTTP/1.1', 403, '127.0.0.1'],
  ['GET http://[::1]/ HTTP/1.1', 403, '::1'],
  ['GET http://100.100.100.200/latest/meta-data/ HTTP/1.1', 403, '100.100.100.200'],
  ['GET http://sts.aliyuncs.com.example.com/ HTTP/1.1', 403, 'sts.aliyuncs.com.example.com'],
  ['GET http://x:y@sts.aliyuncs.com/ HTTP/1.1', 400, 'malformed'],
  ['GET http://sts.aliyuncs.com\\@example.com/ HTTP/1.1', 400, ''],
  ['GET ftp://sts.aliyuncs.com/ HTTP/1.1', 400, ''],
  ['GET http:// HTTP/1.1', 400, ''],
  ['CONNECT example.com:443 HTTP/1.1', 403, 'example.com'],
  ['CONNECT 127.0.0.1:22 HTTP/1.1', 403, '127.0.0.1'],
  ['CONNECT [::1]:443 HTTP/1.1', 403, '::1'],
  ['CONNECT sts.aliyuncs.com:22 HTTP/1.1', 403, 'ports 443 and 80, not 22'],
  ['CONNECT sts.aliyuncs.com:0 HTTP/1.1', 400, 'host:port'],
  ['CONNECT sts.aliyuncs.com:65979 HTTP/1.1', 400, 'host:port'],
  ['CONNECT sts.aliyuncs.com HTTP/1.1', 400, 'host:port'],
  ['CONNECT sts.aliyuncs.com: HTTP/1.1', 400, 'host:port'],
  ['CONNECT :443 HTTP/1.1', 400, ''],
  ['CONNECT / HTTP/1.1', 400, ''],
  ['CONNECT http://sts.aliyuncs.com:443 HTTP/1.1', 400, ''],
  ['CONNECT a@sts.aliyuncs.com:443 HTTP/1.1', 400, ''],
  ['CONNECT  HTTP/1.1', 400, ''],
  ['CONNECT sts.aliyuncs.com:443', 400, ''],
  ['CONNECT sts.aliyuncs.com:443 SPDY/9', 400, ''],
])('%s is refused', async (line, status, text) => {
  const answer = await say(`${line}\r\nHost: whatever\r\n\r\n`)
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer).toContain(text)
  if (status === 403) expect(answer).toMatch(/answers? for (?:hosts under aliyuncs\.com|sts\.aliyuncs\.com)/)
})

test('Two Host headers are refused where the host matters', async () => {
  const twice = 'Host: sts.aliyuncs.com\r\nHost: example.com\r\n\r\n'
  expect(await say(`GET http://sts.aliyuncs.com/ HTTP/1.1\r\n${twice}`)).toMatch(/^HTTP\/1\.1 400 /)
})

test('A TLS tunnel ends here with a certificate for its host, and stays open for many requests', async () => {
  const secured = await secureTunnelTo('b.oss-cn-hangzhou.aliyuncs.com')
  expect(secured.alpnProtocol).toBe('http/1.1')
  expect(secured.getPeerCertificate().subjectaltname).toContain('DNS:b.oss-cn-hangzhou.aliyuncs.com')
  for (const key of ['one', 'two']) {
    secured.write(`PUT /${key} HTTP/1.1\r\nHost: b.oss-cn-hangzhou.aliyuncs.com\r\nContent-Length: 3\r\n\r\nabc`)
    const answer = await readHead(secured)
    expect(bodyOf(answer)).toMatchObject({ url: `/${key}`, secure: true, bodyBytes: 3, from: '127.0.0.1' })
  }
})

test('A plain tunnel to port 80 works as well, also when the request comes in one packet with CONNECT', async () => {
  const socket = await tunnelTo('sts.aliyuncs.com:80')
  for (const key of ['one', 'two']) {
    socket.write(`GET /${key} HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n`)
    expect(bodyOf(await readHead(socket))).toMatchObject({ url: `/${key}`, secure: false })
  }
  const both = await say(
    'CONNECT sts.aliyuncs.com:80 HTTP/1.1\r\nHost: sts.aliyuncs.com:80\r\n\r\n' +
      'GET /at-once HTTP/1.1\r\nHost: sts.aliyuncs.com:80\r\nConnection: close\r\n\r\n',
  )
  expect(both).toMatch(/^HTTP\/1\.1 200 Connection Established\r\n\r\nHTTP\/1\.1 200 /)
  expect(both).toContain('"url":"/at-once"')
})

test('A tunnel carries requests for its own host only', async () => {
  const secured = await secureTunnelTo('ecs.aliyuncs.com')
  secured.write('GET / HTTP/1.1\r\nHost: ram.aliyuncs.com\r\n\r\n')
  const answer = await readToEnd(secured)
  expect(answer).toMatch(/^HTTP\/1\.1 421 /)
  expect(answer).toContain('The tunnel is for ecs.aliyuncs.com and the request inside it is for ram.aliyuncs.com.')

  const absolute = await secureTunnelTo('ecs.aliyuncs.com')
  absolute.write('GET https://ram.aliyuncs.com/ HTTP/1.1\r\nHost: ecs.aliyuncs.com\r\n\r\n')
  expect(await readToEnd(absolute)).toMatch(/^HTTP\/1\.1 421 /)

  const nested = await secureTunnelTo('ecs.aliyuncs.com')
  nested.write('CONNECT ram.aliyuncs.com:443 HTTP/1.1\r\nHost: ram.aliyuncs.com:443\r\n\r\n')
  expect(await readToEnd(nested)).toMatch(/^HTTP\/1\.1 400 [\s\S]*no tunnel inside a tunnel/)
})

test('A handshake that names another host than the tunnel fails', async () => {
  await expect(secureTunnelTo('ecs.aliyuncs.com', 'ram.aliyuncs.com')).rejects.toThrow()
  const nameless = await tunnelTo('ecs.aliyuncs.com:443')
  const secured = connectTls({ socket: nameless, ca, checkServerIdentity: () => undefined })
  sockets.push(secured)
  await once(secured, 'secureConnect')
  expect(secured.getPeerCertificate().subjectaltname).toContain('DNS:ecs.aliyuncs.com')
})

test('What is no TLS at all ends the tunnel', async () => {
  const socket = await tunnelTo('ecs.aliyuncs.com:443')
  socket.write('GET / HTTP/1.1\r\nHost: ecs.aliyuncs.com\r\n\r\n')
  expect(await readToEnd(socket)).not.toContain('HTTP/1.1 200')
  socket.end()
  await expect.poll(() => openConnections(proxy)).toBe(0)
})

test('A failing handler answers 500 and the error is told, proxied and tunnelled', async () => {
  expect(await say('GET http://sts.aliyuncs.com/throw HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 500 /,
  )
  const secured = await secureTunnelTo('sts.aliyuncs.com')
  secured.write('GET /throw HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n')
  expect(await readToEnd(secured)).toMatch(/^HTTP\/1\.1 500 /)
  expect(failures.map((error) => (error as Error).message)).toEqual(['the handler failed', 'the handler failed'])
})

test('Where there is no certificate to be had, CONNECT is answered 500', async () => {
  const broken = createForwardProxy({ ...options(), contextFor: () => Promise.reject(new Error('no certificate')) })
  try {
    const to = await listen(broken)
    const answer = await say('CONNECT sts.aliyuncs.com:443 HTTP/1.1\r\nHost: sts.aliyuncs.com:443\r\n\r\n', to)
    expect(answer).toMatch(/^HTTP\/1\.1 500 /)
    expect(failures).toHaveLength(1)
  } finally {
    broken.close()
  }
})

test('Headers larger than the bound are refused', async () => {
  const large = `GET http://sts.aliyuncs.com/ HTTP/1.1\r\nHost: sts.aliyuncs.com\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`
  expect(await say(large)).toMatch(/^HTTP\/1\.1 431 /)
  const long = `GET http://sts.aliyuncs.com/?UserData=${'x'.repeat(40_000)} HTTP/1.1\r\nHost: sts.aliyuncs.com\r\nConnection: close\r\n\r\n`
  expect(await say(long)).toMatch(/^HTTP\/1\.1 200 /)
  expect(await say(`CONNECT ${'x'.repeat(70_000)}:443 HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
})

test('Clients that dawdle are dropped: before CONNECT, in the handshake and inside a tunnel', async () => {
  const slow = createServer({ headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50 })
  attachForwardProxy(slow, { ...options(), handshakeTimeoutMs: 300 })
  const to = await listen(slow)
  try {
    const head = dial(to)
    head.write('CONNECT sts.aliyuncs.com:443 HT')
    const silent = dial(to)
    const open = 'CONNECT sts.aliyuncs.com:443 HTTP/1.1\r\nHost: sts.aliyuncs.com:443\r\n\r\n'
    const handshake = dial(to)
    handshake.write(`${open}\u0016\u0003`, 'latin1')
    const inside = dial(to)
    inside.write(open)
    await readHead(inside)
    const secured = connectTls({ socket: inside, servername: 'sts.aliyuncs.com', ca })
    secured.on('error', () => {})
    await once(secured, 'secureConnect')
    secured.write('GET / HT')
    const plain = dial(to)
    plain.write('CONNECT sts.aliyuncs.com:80 HTTP/1.1\r\nHost: sts.aliyuncs.com:80\r\n\r\nGET / HT')
    await Promise.all([head, silent, handshake, secured, plain].map(readToEnd))
    for (const socket of [secured, head, silent, handshake, plain, inside]) socket.destroy()
    await expect.poll(() => openConnections(slow)).toBe(0)
  } finally {
    slow.close()
  }
})

test('Clients that vanish at any moment leave nothing open', async () => {
  const open = 'CONNECT sts.aliyuncs.com:443 HTTP/1.1\r\nHost: sts.aliyuncs.com:443\r\n\r\n'
  const beginnings = [
    '',
    open.slice(0, 20),
    open,
    `${open}\u0016\u0003\u0001`,
    'CONNECT sts.aliyuncs.com:80 HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\nGET /never HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n',
    'GET http://sts.aliyuncs.com/never HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n',
    'PUT http://sts.aliyuncs.com/ HTTP/1.1\r\nHost: sts.aliyuncs.com\r\nContent-Length: 1000\r\n\r\nabc',
    'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
  ]
  const leave: ((socket: Socket) => void)[] = [(socket) => socket.resetAndDestroy(), (socket) => socket.destroy()]
  for (const beginning of beginnings) {
    for (const go of leave) {
      for (const patiently of [true, false]) {
        const socket = dial()
        await once(socket, 'connect')
        socket.write(beginning, 'latin1')
        if (patiently) await new Promise(setImmediate)
        go(socket)
      }
    }
  }
  const secured = await secureTunnelTo('sts.aliyuncs.com')
  secured.write('GET /never HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n')
  secured.destroy()
  await expect.poll(() => openConnections(proxy), { timeout: 5_000 }).toBe(0)
  expect(await say('GET http://sts.aliyuncs.com/ HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
})

test('A client that closes its half after the request still gets the answer', async () => {
  const socket = await tunnelTo('sts.aliyuncs.com:80')
  socket.end('GET /half HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n')
  expect(await readToEnd(socket)).toContain('"url":"/half"')
  await expect.poll(() => openConnections(proxy)).toBe(0)
})

test('Closing the server ends idle tunnels', async () => {
  const secured = await secureTunnelTo('sts.aliyuncs.com')
  secured.write('GET / HTTP/1.1\r\nHost: sts.aliyuncs.com\r\n\r\n')
  await readHead(secured)
  const closed = once(proxy, 'close')
  proxy.close()
  await closed
  expect(await openConnections(proxy)).toBe(0)
})

test('A thousand requests through a hundred tunnels are all answered', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const host = `b-${index % 10}.oss-cn-hangzhou.aliyuncs.com`
      const secured = await secureTunnelTo(host)
      const urls: unknown[] = []
      for (let turn = 0; turn < 10; turn += 1) {
        secured.write(`GET /${index}/${turn} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
        urls.push(bodyOf(await readHead(secured))['url'])
      }
      secured.destroy()
      return urls
    }),
  )
  expect(answers).toEqual(answers.map((_, index) => Array.from({ length: 10 }, (__, turn) => `/${index}/${turn}`)))
  await expect.poll(() => openConnections(proxy), { timeout: 5_000 }).toBe(0)
})

test('curl comes by the proxy with its ordinary URL, over https and http', async () => {
  const flags = [
    '-sS',
    '--max-time',
    '10',
    '--noproxy',
    '',
    '--proxy',
    `http://127.0.0.1:${port}`,
    '--cacert',
    authority.caFile,
  ]
  const secure = JSON.parse((await run('curl', [...flags, vendorUrl])).stdout)
  expect(secure).toMatchObject({
    url: '/?Action=DescribeRegions&Signature=a%2Bb%3D',
    secure: true,
    headers: { host: 'ecs.cn-hangzhou.aliyuncs.com' },
  })
  const plain = JSON.parse((await run('curl', [...flags, vendorUrl.replace('https', 'http')])).stdout)
  expect(plain).toMatchObject({ url: secure.url, secure: false })
  const tunnelled = JSON.parse(
    (await run('curl', [...flags, '--proxytunnel', vendorUrl.replace('https', 'http')])).stdout,
  )
  expect(tunnelled).toMatchObject({ url: secure.url, secure: false })
  await expect(run('curl', [...flags, 'https://example.com/'])).rejects.toThrow(/403/)
})

test('curl trusts the bundle too, and not without either', async () => {
  const flags = ['-sS', '--max-time', '10', '--noproxy', '', '--proxy', `http://127.0.0.1:${port}`]
  expect((await run('curl', [...flags, '--cacert', authority.bundleFile, vendorUrl])).stdout).toContain('"secure":true')
  await expect(run('curl', [...flags, vendorUrl])).rejects.toThrow(/certificate/i)
})

test('The TLS listener shows the right certificate to each client and is a proxy as well', async () => {
  const server = await createTlsServer({ authority })
  attachForwardProxy(server, options())
  const to = await listen(server)
  const ask = (request: https.RequestOptions) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      https
        .get({ port: to, ca, agent: false, ...request }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve(JSON.parse(text)))
        })
        .on('error', reject)
    })
  try {
    expect(await ask({ host: '127.0.0.1', path: '/ip' })).toMatchObject({ url: '/ip', secure: true })
    expect(await ask({ host: 'localhost', path: '/name' })).toMatchObject({ url: '/name', secure: true })
    const forged = { host: '127.0.0.1', headers: { host: 'b.oss-cn-hangzhou.aliyuncs.com' } }
    expect(await ask(forged)).toMatchObject({ secure: true, headers: { host: 'b.oss-cn-hangzhou.aliyuncs.com' } })
    await expect(ask({ host: '127.0.0.1', servername: 'example.com' })).rejects.toThrow()
    const flags = ['-sS', '--max-time', '10', '--noproxy', '', '--proxy', `https://127.0.0.1:${to}`]
    const { stdout } = await run('curl', [
      ...flags,
      '--proxy-cacert',
      authority.caFile,
      '--cacert',
      authority.caFile,
      vendorUrl,
    ])
    expect(JSON.parse(stdout)).toMatchObject({ secure: true, headers: { host: 'ecs.cn-hangzhou.aliyuncs.com' } })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('A server that already has a request listener is not taken over', () => {
  const server = createServer(() => {})
  expect(() => attachForwardProxy(server, options())).toThrow(/as onHttp/)
})
