/** Bytes that are almost HTTP, and a client that sends them as they are. */
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Random } from './hostile-under-test.ts'

export interface RawReply {
  /** Status of every answer that came, in order. */
  statuses: number[]
  text: string
  /** Whether the server ended the connection before the client gave up. */
  closed: boolean
}

/** What the client does after its last byte. */
export type Ending = 'wait' | 'end' | 'reset'

/**
 * Sends each piece as a write of its own, then ends as told. `wait` settles when the server closes or after
 * `patienceMs`; the others settle when the connection is gone.
 */
export function sendRaw(
  port: number,
  pieces: readonly (Buffer | string)[],
  { ending = 'wait' as Ending, patienceMs = 10_000, tls = false } = {},
): Promise<RawReply> {
  return new Promise((resolve) => {
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, servername: 'localhost' })
      : connect({ port, host: '127.0.0.1' })
    let text = ''
    let closed = true
    const timer = setTimeout(() => {
      closed = false
      socket.destroy()
    }, patienceMs)
    socket.setNoDelay(true)
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1')
    })
    // The server may well close while bytes are on their way.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      const statuses = [...text.matchAll(/(?:^|\r\n\r\n|[}>\n])HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
      resolve({ statuses, text, closed })
    })
    for (const piece of pieces) socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
    if (ending === 'end') socket.end()
    if (ending === 'reset') setTimeout(() => socket.destroy(), 5)
  })
}

export interface RawCase {
  pieces: (Buffer | string)[]
  ending: Ending
}

const head = 'Host: 127.0.0.1\r\nConnection: close\r\n'
const form = 'Content-Type: application/x-www-form-urlencoded\r\n'

/** Families of oddities; each gives another case every time. */
export const rawFamilies: Readonly<Record<string, (random: Random) => RawCase>> = {
  'request lines': (random) => {
    const line = random.pick([
      'GET',
      'GET /',
      'GET / HTTP/9.9',
      'GET  /  HTTP/1.1',
      'GET / HTTP/1.1 more',
      'get / http/1.1',
      '\0GET / HTTP/1.1',
      '\r\n\r\nGET / HTTP/1.1',
      `${'M'.repeat(1 + random.int(5_000))} / HTTP/1.1`,
      `GET /${'a'.repeat(random.int(80_000))} HTTP/1.1`,
      `GET /${randomBytes(random, 40).toString('latin1')} HTTP/1.1`,
      'PRI * HTTP/2.0',
      'OPTIONS * HTTP/1.1',
      'GET ?Action=x HTTP/1.1',
      'GET /../../etc/passwd HTTP/1.1',
      'GET /?%zz=%ff HTTP/1.0',
      'HEAD /?Action=MakeCoffee&Version=2015-04-01 HTTP/1.1',
      'TRACE / HTTP/1.1',
      'SSH-2.0-OpenSSH_9.2',
    ])
    return { pieces: [`${line}\r\n${head}\r\n`], ending: 'end' }
  },
  noise: (random) => ({ pieces: [randomBytes(random, 1 + random.int(300)), '\r\n\r\n'], ending: 'end' }),
  'body lengths': (random) => {
    const headers = random.pick([
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\nContent-Length: 6\r\n',
      'Content-Length: -1\r\n',
      'Content-Length: +5\r\n',
      'Content-Length: 5, 5\r\n',
      'Content-Length: 0x5\r\n',
      'Content-Length: 99999999999999999999999999\r\n',
      'Content-Length:\r\n',
      'Content-Length: 9007199254740991\r\n',
      'Transfer-Encoding: xchunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
      'Transfer-Encoding: identity\r\n',
      'Transfer-Encoding : chunked\r\n',
      'Transfer-Encoding:\x0bchunked\r\n',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: gzip, chunked\r\n',
    ])
    return { pieces: [`POST / HTTP/1.1\r\n${head}${form}${headers}\r\n`, '5\r\nA=1&B\r\n0\r\n\r\n'], ending: 'end' }
  },
  chunks: (random) => {
    const chunks = random.pick([
      'zz\r\nA=1\r\n',
      '-3\r\nA=1\r\n',
      'ffffffffffffffffff\r\nA',
      `3;${'x'.repeat(random.int(40_000))}\r\nA=1\r\n0\r\n\r\n`,
      '3\r\nA=1B=2\r\n0\r\n\r\n',
      '3\nA=1\n0\n\n',
      '3\r\nA=1\r\n0\r\nTrailer: x\r\nBad Trailer\r\n\r\n',
      `3\r\nA=1\r\n0\r\n${'T: x\r\n'.repeat(random.int(20_000))}\r\n`,
      `${'1\r\nA\r\n'.repeat(random.int(3_000))}0\r\n\r\n`,
      '\r\n',
    ])
    return { pieces: [`POST / HTTP/1.1\r\n${head}${form}Transfer-Encoding: chunked\r\n\r\n`, chunks], ending: 'end' }
  },
  headers: (random) => {
    const headers = random.pick([
      `X-Big: ${'x'.repeat(60_000 + random.int(20_000))}\r\n`,
      Array.from({ length: 3_000 }, (_, index) => `X-${index}: y\r\n`).join(''),
      'No colon\r\n',
      ': no name\r\n',
      'Bad Name: x\r\n',
      'X-Nul: a\0b\r\n',
      'X-Folded: a\r\n b\r\n',
      'X-Bare: a\nX-Other: b\r\n',
      'X-Return: a\rb\r\n',
      'Host: other\r\n',
      `Host: ${'h'.repeat(5_000)}\r\n`,
      'Authorization: ACS3-HMAC-SHA256 Credential=a,SignedHeaders=constructor,Signature=00\r\nX-Acs-Version: 2015-04-01\r\nX-Acs-Action: GetCallerIdentity\r\n',
      'Expect: 200-perhaps\r\n',
      'Expect: 100-continue\r\n',
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n',
      '__proto__: x\r\nconstructor: y\r\n',
      `${'Authorization: x\r\n'.repeat(200)}`,
      `Cookie: ${'a=b; '.repeat(2_000)}\r\n`,
    ])
    return { pieces: [`GET /?Action=X&Version=2015-04-01 HTTP/1.1\r\n${head}${headers}\r\n`], ending: 'end' }
  },
  'host headers': (random) => {
    const host = random.pick([
      '',
      'Host:\r\n',
      'Host: a b\r\n',
      'Host: \xff\r\n',
      'Host: ecs.aliyuncs.com:x\r\n',
      'Host: [\r\n',
    ])
    return { pieces: [`GET /?Action=X&Version=2015-04-01 HTTP/1.1\r\nConnection: close\r\n${host}\r\n`], ending: 'end' }
  },
  'proxy requests': (random) => {
    const target = random.pick([
      'http://ecs.aliyuncs.com/?Action=X&Version=2014-05-26',
      'http://169.254.169.254/latest',
      'http://[::1/',
      'http://ecs.aliyuncs.com@evil.example/',
      'http://evil.example#.aliyuncs.com/',
      'ftp://ecs.aliyuncs.com/',
      'http://',
      'http:///',
      'HTTP://ECS.ALIYUNCS.COM:99999/',
      `http://${'a.'.repeat(2_000)}aliyuncs.com/`,
      'file:///etc/passwd',
    ])
    return { pieces: [`${random.pick(['GET', 'POST'])} ${target} HTTP/1.1\r\n${head}\r\n`], ending: 'end' }
  },
  tunnels: (random) => {
    const target = random.pick([
      'ecs.aliyuncs.com:443',
      'ecs.aliyuncs.com:80',
      'ecs.aliyuncs.com',
      'ecs.aliyuncs.com:',
      'ecs.aliyuncs.com:0',
      '127.0.0.1:22',
      'a@ecs.aliyuncs.com:443',
      '/',
      '*',
      `${'x'.repeat(3_000)}:443`,
    ])
    const inside = random.pick([
      randomBytes(random, 200),
      'CONNECT ecs.aliyuncs.com:443 HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\xff\xff',
    ])
    return { pieces: [`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, inside], ending: 'end' }
  },
  'vanishing clients': (random) => {
    const whole = `POST / HTTP/1.1\r\n${head}${form}Content-Length: 400\r\n\r\n${'A'.repeat(400)}`
    return { pieces: [whole.slice(0, 1 + random.int(whole.length))], ending: random.pick<Ending>(['end', 'reset']) }
  },
  'flipped bytes': (random) => {
    const bytes = Buffer.from(
      `POST /?Action=GetCallerIdentity HTTP/1.1\r\n${head}${form}X-Acs-Version: 2015-04-01\r\nContent-Length: 7\r\n\r\nA=1&B=2`,
    )
    for (let count = 1 + random.int(3); count > 0; count -= 1) bytes[random.int(bytes.length)] = random.int(256)
    return { pieces: [bytes], ending: 'end' }
  },
}

function randomBytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.int(256)))
}
