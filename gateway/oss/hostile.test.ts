/** What nobody should send to object storage, and what must come of it: a refusal by name, no harm, no server error. */
import { readdirSync } from 'node:fs'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomFrom } from '../hostile-under-test.ts'
import { sendRaw } from '../raw-http-under-test.ts'
import { type Send, sender } from './hostile-under-test.ts'

/** Anyone may write to it. */
const open = 'hostile-open'
const closed = 'hostile-closed'
let cloud: TestCloud
let port: number

beforeAll(async () => {
  cloud = await startTestCloud()
  port = Number(cloud.endpoint.split(':').at(-1))
  send = sender(port)
  await callOss(cloud, { method: 'PUT', bucket: open, headers: { 'x-oss-acl': 'public-read-write' } })
  await callOss(cloud, { method: 'PUT', bucket: closed })
  await callOss(cloud, { method: 'PUT', bucket: closed, key: 'victim', body: 'precious' })
  await callOss(cloud, { method: 'PUT', bucket: open, key: 'victim', body: 'precious' })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

let send: Send

async function expectUnharmed(): Promise<void> {
  for (const bucket of [open, closed]) {
    expect((await callOss(cloud, { method: 'GET', bucket, key: 'victim' })).text).toBe('precious')
  }
}

describe('keys', () => {
  test.each([
    ['%00', 'InvalidObjectName'],
    ['a%00b', 'InvalidObjectName'],
    ['%ff', 'InvalidURI'],
    ['%c0%af', 'InvalidURI'],
    ['%c0%80', 'InvalidURI'],
    ['%e0%80%af', 'InvalidURI'],
    ['%ed%a0%80', 'InvalidURI'],
    ['%f4%90%80%80', 'InvalidURI'],
    ['%', 'InvalidURI'],
    ['%2', 'InvalidURI'],
    ['%zz', 'InvalidURI'],
    ['%u0041', 'InvalidURI'],
    ['/k', 'InvalidObjectName'],
    ['%2Fk', 'InvalidObjectName'],
    ['%5Ck', 'InvalidObjectName'],
    ['a'.repeat(1024), 'InvalidObjectName'],
    ['%C3%A9'.repeat(512), 'InvalidObjectName'],
    ['a'.repeat(9_000), 'InvalidObjectName'],
  ])('/%s is refused with %s', async (key, code) => {
    for (const method of ['PUT', 'GET', 'DELETE']) {
      expect(await send(method, `/${open}/${key}`, { body: method === 'PUT' ? 'x' : '' })).toMatchObject({
        status: 400,
        code,
      })
    }
  })

  const strange = [
    '..',
    '.',
    '../../etc/passwd',
    'a/../../b',
    'a//b',
    'a/./b',
    '...',
    'CON',
    'nul.txt',
    'a\u0001b',
    'line\nbreak',
    'tab\tcarriage\r',
    '<&>"\'',
    ']]>',
    '%2F',
    '%00',
    'a+b c',
    '?acl',
    '#fragment',
    '\u202ereversed',
    'e\u0301 and é',
    '💥',
    '\ufffe',
    'x'.repeat(1023),
    'é'.repeat(511),
    '$(reboot)',
    "'; drop table oss.objects; --",
    '__proto__',
    'constructor',
  ]

  test('that are only strange are kept apart, listed, and never become file names', async () => {
    const encode = (key: string): string => encodeURIComponent(key).replaceAll('.', '%2E')
    for (const key of strange) {
      const path = `/${open}/${encode(key)}`
      expect([key, (await send('PUT', path, { body: `of ${key}` })).status]).toEqual([key, 200])
      expect([key, (await send('GET', path)).text]).toEqual([key, `of ${key}`])
    }
    const listed = await send('GET', `/${open}?max-keys=1000&encoding-type=url`)
    const keys = [...listed.text.matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => decodeURIComponent(match[1]!))
    expect(keys.toSorted()).toEqual([...strange, 'victim'].toSorted())
    const directory = `${cloud.running.ready.dataDir}/objects`
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /passwd|CON|nul|proto|reboot/.test(file))).toEqual([])
    for (const key of strange) expect((await send('DELETE', `/${open}/${encode(key)}`)).status).toBe(204)
    await expectUnharmed()
  })

  test.each([
    '/../hostile-closed/victim',
    '/./hostile-closed/victim',
    '//hostile-closed/victim',
    '/%2e%2e/hostile-closed/victim',
    `/${open}/../${closed}/victim`,
    `/${open}%2f..%2f${closed}%2fvictim`,
    `/${open}/..%2f..%2f${closed}%2fvictim`,
    '/HOSTILE-CLOSED/victim',
    '/hostile-closed%00/victim',
    '/hostile-closed%20/victim',
    `/${'a'.repeat(64)}/victim`,
    '/192.168.0.1/victim',
    'http://hostile-closed.localhost/victim',
  ])('%s does not lead elsewhere', async (path) => {
    const answer = await send('GET', path)
    expect([400, 403, 404]).toContain(answer.status)
    expect(answer.text).not.toContain('precious')
    expect((await send('DELETE', path)).status).toBeLessThan(500)
    await expectUnharmed()
  })
})

describe('XML bodies', () => {
  const entity = (count: number): string =>
    `<!DOCTYPE r [${Array.from({ length: count }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')}]>`
  const roots = {
    delete: 'Delete',
    tagging: 'Tagging',
    cors: 'CORSConfiguration',
    versioning: 'VersioningConfiguration',
    lifecycle: 'LifecycleConfiguration',
    website: 'WebsiteConfiguration',
    referer: 'RefererConfiguration',
  }
  const bombs: Readonly<Record<string, (root: string) => string | Buffer>> = {
    'entities that double': (root) => `${entity(10)}<${root}>&e9;</${root}>`,
    'a file as an entity': (root) => `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><${root}>&x;</${root}>`,
    'a document type': (root) => `<!DOCTYPE r SYSTEM "http://127.0.0.1/"><${root}/>`,
    'an unknown entity': (root) => `<${root}>&x;</${root}>`,
    'deep nesting': (root) => `<${root}>${'<a>'.repeat(50_000)}`,
    'closed deep nesting': (root) => `<${root}>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</${root}>`,
    'an unclosed tag': (root) => `<${root}><a`,
    'a tag that others close': (root) => `<${root}></a>`,
    'a NUL': (root) => `<${root}>\0</${root}>`,
    'a reference to NUL': (root) => `<${root}>&#0;</${root}>`,
    'another root': () => '<Other/>',
    'two roots': (root) => `<${root}/><${root}/>`,
    nothing: () => ' ',
    'no XML': () => '{"a":1}',
    'UTF-16': (root) => Buffer.from(`\ufeff<${root}/>`, 'utf16le'),
    'bytes that are no UTF-8': (root) => Buffer.from(`<${root}>\xff\xfe</${root}>`, 'latin1'),
    'too many bytes': (root) => `<${root}>${'<a/>'.repeat(1_100_000)}</${root}>`,
    'a long attribute': (root) => `<${root} a="${'x'.repeat(4 * 1024 * 1024)}"/>`,
  }

  test.each(Object.entries(bombs))('%s is refused by everything that reads XML', async (_, make) => {
    for (const [query, root] of Object.entries(roots)) {
      const method = query === 'delete' ? 'POST' : 'PUT'
      const call = { method, bucket: closed, query: { [query]: undefined }, body: make(root) } as const
      const answer = await callOss(cloud, call)
      expect([query, answer.status]).toEqual([query, 400])
      expect(['MalformedXML', 'EntityTooLarge', 'InvalidArgument']).toContain(answer.code)
      expect(answer.text).not.toContain('root:')
    }
  })
})

describe('requests within requests', () => {
  const inner = `DELETE /${open}/victim HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
  const head = (lines: string, path = `/${open}/outer`): string =>
    `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines}\r\n`
  const cases: Readonly<Record<string, string>> = {
    'a length and chunks': `${head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n${inner}`,
    'chunks and a length': `${head(`Transfer-Encoding: chunked\r\nContent-Length: ${inner.length}\r\n`)}0\r\n\r\n${inner}`,
    'two lengths': `${head(`Content-Length: 0\r\nContent-Length: ${inner.length}\r\n`)}${inner}`,
    'two lengths in one': `${head(`Content-Length: 0, ${inner.length}\r\n`)}${inner}`,
    'a signed length': `${head('Content-Length: +0\r\n')}${inner}`,
    'a length with a space': `${head('Content-Length : 0\r\n')}${inner}`,
    'a folded length': `${head(`Content-Length:\r\n ${inner.length}\r\n`)}${inner}`,
    'a folded header': `${head('X-A: 1\r\n Content-Length: 5\r\nContent-Length: 0\r\n')}${inner}`,
    'another coding': `${head('Transfer-Encoding: xchunked\r\n')}0\r\n\r\n${inner}`,
    'identity and chunks': `${head('Transfer-Encoding: chunked, identity\r\n')}0\r\n\r\n${inner}`,
    'a coding with a tab': `${head('Transfer-Encoding:\x0bchunked\r\n')}0\r\n\r\n${inner}`,
    'a bare CR': `${head('X-A: 1\rContent-Length: 0\r\n')}${inner}`,
    'a bare LF': `PUT /${open}/outer HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 0\n\n${inner}`,
    'a chunk with a sign': `${head('Transfer-Encoding: chunked\r\n')}-1\r\n\r\n${inner}`,
    'a huge chunk': `${head('Transfer-Encoding: chunked\r\n')}fffffffffffffffff\r\n${inner}`,
    'a chunk in hex': `${head('Transfer-Encoding: chunked\r\n')}0x0\r\n\r\n${inner}`,
    'a chunk that is too short': `${head('Transfer-Encoding: chunked\r\n')}1\r\nab\r\n0\r\n\r\n${inner}`,
    'a chunk extension with LF': `${head('Transfer-Encoding: chunked\r\n')}0;a\n\r\n\r\n${inner}`,
    'a line break in the path': `PUT /${open}/a\r\nX: HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${inner}`,
  }

  test.each(Object.entries(cases))('%s: refused, and nothing inside is done', async (_, bytes) => {
    const reply = await sendRaw(port, [bytes], { patienceMs: 1_500, ending: 'end' })
    expect(reply.statuses.every((status) => status === 400 || status === 501)).toBe(true)
    await expectUnharmed()
  })

  test('S3’s frames cannot hide bytes either', async () => {
    const frames = [
      'zz\r\n',
      '5\r\nhello',
      '5\r\nhelloX\r\n0\r\n\r\n',
      `${'f'.repeat(12)}\r\nx`,
      '5 \r\nhello\r\n0\r\n\r\n',
      'x'.repeat(2_000),
    ]
    for (const body of frames) {
      const headers = {
        authorization: `AWS4-HMAC-SHA256 Credential=x/20200101/r/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
      }
      const answer = await send('PUT', `/${open}/framed`, { body, headers })
      expect(answer.status >= 400 && answer.status < 500).toBe(true)
    }
    expect((await send('GET', `/${open}/framed`)).status).toBe(404)
  })
})

test('600 random requests get no server error', async () => {
  const random = randomFrom(20_260_223)
  const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'COPY']
  const names =
    'acl append position uploads uploadId partNumber tagging symlink restore versionId versions delete cors policy lifecycle list-type max-keys prefix marker encoding-type x-oss-process objectMeta worm wormId cleanRestoredObject live comp response-content-type X-Amz-Signature Signature Expires x-oss-traffic-limit callback'.split(
      ' ',
    )
  const values = [
    '',
    '0',
    '-1',
    '1e9',
    '999999999999999999999',
    'null',
    '%00',
    '%ff',
    'url',
    '../',
    'image/resize,w_1',
    'e30=',
    "'",
    '💥',
  ]
  const headers =
    'range x-oss-copy-source x-oss-object-acl content-md5 x-oss-tagging x-oss-callback if-match if-modified-since x-oss-meta-a x-oss-storage-class authorization x-oss-date x-amz-trailer x-oss-symlink-target expect'.split(
      ' ',
    )
  const failures: string[] = []
  const jobs = Array.from({ length: 600 }, () => {
    const path = random.pick([
      `/${open}`,
      `/${open}/k${random.int(5)}`,
      `/${closed}/victim`,
      '/',
      `/${open}/`,
      '/no-such-bucket/k',
    ])
    const query = Array.from({ length: random.int(4) }, () => `${random.pick(names)}=${encodeURI(random.pick(values))}`)
    const own = Array.from({ length: random.int(3) }, () => [
      random.pick(headers),
      random.pick(['', 'x', 'bytes=9-1', `/${closed}/victim`, 'OSS a:b', '*', 'AAAA', '=&=', '100-continue', '\xff']),
    ])
    return { method: random.pick(methods), path: `${path}?${query.join('&')}`, headers: Object.fromEntries(own) }
  })
  const worker = async (): Promise<void> => {
    for (let job = jobs.pop(); job; job = jobs.pop()) {
      const { method, path } = job
      const body = method === 'PUT' || method === 'POST' ? '<x/>' : ''
      const answer = await send(method, path, { headers: job.headers, body }).catch((error: Error) => error.message)
      if (typeof answer === 'string') failures.push(`${method} ${path} ${JSON.stringify(job.headers)}: ${answer}`)
      else if (answer.status >= 500 && answer.status !== 501) failures.push(`${method} ${path}: ${answer.text}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  expect(failures).toEqual([])
  expect((await callOss(cloud, { method: 'GET', bucket: closed, key: 'victim' })).text).toBe('precious')
})

describe('a client that asks before it sends', () => {
  const ask = (path: string): string =>
    `PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`

  test('is told to go on, and the connection goes on as well', async () => {
    const next = `GET /${open}/victim HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`
    const reply = await sendRaw(port, [ask(`/${open}/asked`), 'hello', next], { ending: 'wait', patienceMs: 3_000 })
    expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200', 'HTTP/1.1 200'])
    expect(reply.text.endsWith('precious')).toBe(true)
    expect((await callOss(cloud, { method: 'GET', bucket: open, key: 'asked' })).text).toBe('hello')
  })

  test('is refused without sending', async () => {
    const reply = await sendRaw(port, [ask(`/${closed}/asked`)], { ending: 'wait', patienceMs: 3_000 })
    expect(reply.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403'])
    expect([reply.closed, /connection: close/i.test(reply.text)]).toEqual([true, true])
  })

  test('of other products is told to go on too', async () => {
    const body = 'Action=GetCallerIdentity&Version=2015-04-01'
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`
    const reply = await sendRaw(port, [head, body], { ending: 'wait', patienceMs: 3_000 })
    expect(reply.text.match(/HTTP\/1\.1 \d+/g)?.[0]).toBe('HTTP/1.1 100')
    expect(reply.text).toContain('RequestId')
  })
})
