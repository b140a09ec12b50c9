/** What nobody should send to object storage, and what must come of it: a refusal by name, no harm, no server error. */
import { createHash, createHmac } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomFrom } from '../hostile-under-test.ts'
import { sendRaw } from '../raw-http-under-test.ts'

/** Anyone may write to it. */
const open = 'hostile-open'
const closed = 'hostile-closed'
let cloud: TestCloud
let port: number

beforeAll(async () => {
  cloud = await startTestCloud()
  port = Number(cloud.endpoint.split(':').at(-1))
  await callOss(cloud, { method: 'PUT', bucket: open, headers: { 'x-oss-acl': 'public-read-write' } })
  await callOss(cloud, { method: 'PUT', bucket: closed })
  await callOss(cloud, { method: 'PUT', bucket: closed, key: 'victim', body: 'precious' })
  await callOss(cloud, { method: 'PUT', bucket: open, key: 'victim', body: 'precious' })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

interface Answer {
  status: number
  code: string | undefined
  text: string
}

/** Sends the path as it is: other clients tidy it up. */
function send(
  method: string,
  path: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body.length > 0 ? { 'content-length': String(Buffer.byteLength(body)) } : {}
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...length, ...headers } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const error = answer.headers['x-oss-err']
        const xml = typeof error === 'string' ? Buffer.from(error, 'base64').toString() : text
        resolve({ status: answer.statusCode ?? 0, code: /<Code>(\w+)/.exec(xml)?.[1], text })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

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

describe('signed URLs', () => {
  const seconds = (): number => Math.floor(Date.now() / 1000)
  const v1 = (method: string, key: string, { expires = seconds() + 60, subresources = '', headers = '' } = {}) => {
    const text = `${method}\n\n\n${expires}\n${headers}/${closed}/${key}${subresources === '' ? '' : `?${subresources}`}`
    const Signature = createHmac('sha1', cloud.accessKeySecret).update(text).digest('base64')
    const query = { OSSAccessKeyId: cloud.accessKeyId, Expires: String(expires), Signature }
    return `${subresources === '' ? '' : `${subresources}&`}${new URLSearchParams(query)}`
  }
  const v4 = async (method: string, key: string): Promise<string> => {
    const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
    const settings = { endpoint, regionId, accessKeyId, accessKeySecret, bucket: closed }
    // biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
    const client = createOssClient({ ...settings, authorizationV4: true, virtualHosted: true }) as any
    return new URL(await client.signatureUrlV4(method, 60, {}, key)).search.slice(1)
  }
  const s3 = (method: string, key: string): string => {
    const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
    const scope = [stamp.slice(0, 8), cloud.regionId, 's3', 'aws4_request']
    const signing = scope.reduce<string | Buffer>(
      (from, part) => createHmac('sha256', from).update(part).digest(),
      `AWS4${cloud.accessKeySecret}`,
    )
    const query = [
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      ['X-Amz-Credential', `${cloud.accessKeyId}/${scope.join('/')}`],
      ['X-Amz-Date', stamp],
      ['X-Amz-Expires', '60'],
      ['X-Amz-SignedHeaders', 'host'],
    ]
      .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
      .join('&')
    const canonical = `${method}\n/${closed}/${key}\n${query}\nhost:127.0.0.1:${port}\n\nhost\nUNSIGNED-PAYLOAD`
    const text = `AWS4-HMAC-SHA256\n${stamp}\n${scope.join('/')}\n${createHash('sha256').update(canonical).digest('hex')}`
    return `${query}&X-Amz-Signature=${createHmac('sha256', signing).update(text).digest('hex')}`
  }
  const signers: Readonly<Record<string, (method: string, key: string) => string | Promise<string>>> = {
    'version 1': v1,
    'version 4': v4,
    "S3's version 4": s3,
  }

  describe.each(Object.entries(signers))('of %s', (name, sign) => {
    test('are good for what was signed', async () => {
      expect(await send('GET', `/${closed}/victim?${await sign('GET', 'victim')}`)).toMatchObject({ status: 200 })
      const put = await send('PUT', `/${closed}/by-url?${await sign('PUT', 'by-url')}`, { body: 'x' })
      expect(put).toMatchObject({ status: 200 })
    })

    test.each([
      ['another method', 'DELETE', 'victim', ''],
      ['writing', 'PUT', 'victim', ''],
      ['another key', 'GET', 'by-url', ''],
      ['another bucket', 'GET', `../${open}/victim`, ''],
      ['the bucket', 'GET', '', ''],
      ['the ACL', 'GET', 'victim', '&acl'],
      ['the tags', 'GET', 'victim', '&tagging'],
      ['an upload', 'POST', 'victim', '&uploads'],
      ['appending', 'POST', 'victim', '&append&position=0'],
      ['another version', 'GET', 'victim', '&versionId=null'],
      ['another type', 'GET', 'victim', '&response-content-type=text/html'],
      ['processing', 'GET', 'victim', '&x-oss-process=image/info'],
      ['a callback', 'GET', 'victim', '&callback=e30='],
      ['a token', 'GET', 'victim', '&security-token=x'],
      ['its parameters twice', 'GET', 'victim', '&Expires=9999999999&Signature=x&X-Amz-Expires=9&x-oss-expires=9'],
    ])('are not good for %s', async (what, method, key, more) => {
      const answer = await send(method, `/${closed}/${key}?${await sign('GET', 'victim')}${more}`, {
        body: method === 'PUT' ? 'x' : '',
      })
      expect([what, [400, 403].includes(answer.status), answer.code === undefined]).toEqual([what, true, false])
      expect(answer.text).not.toContain('precious')
      await expectUnharmed()
    })

    test('do not carry headers that were not signed', async () => {
      const path = `/${closed}/by-url?${await sign('PUT', 'by-url')}`
      const prefix = name.startsWith('S3') ? 'x-amz-' : 'x-oss-'
      for (const [header, value] of Object.entries({
        'copy-source': `/${closed}/victim`,
        [prefix === 'x-amz-' ? 'acl' : 'object-acl']: 'public-read',
      })) {
        const answer = await send('PUT', path, { headers: { [`${prefix}${header}`]: value } })
        expect([header, answer.status]).toEqual([header, 403])
      }
      // Nor those of the other dialect.
      const foreign = prefix === 'x-amz-' ? 'x-oss-copy-source' : 'x-amz-copy-source'
      await send('PUT', path, { headers: { [foreign]: `/${closed}/victim` }, body: 'mine' })
      expect((await callOss(cloud, { method: 'GET', bucket: closed, key: 'by-url' })).text).not.toBe('precious')
    })

    test('cannot be made to last longer, or be of somebody else', async () => {
      const query = new URLSearchParams(await sign('GET', 'victim'))
      const changes: Record<string, string> = {
        Expires: '9999999999',
        'x-oss-expires': '604800',
        'X-Amz-Expires': '604800',
        OSSAccessKeyId: 'nobody',
        'x-oss-date': '20200101T000000Z',
        'X-Amz-Date': '20200101T000000Z',
      }
      for (const [field, value] of Object.entries(changes).filter(([field]) => query.has(field))) {
        const changed = new URLSearchParams(query)
        changed.set(field, value)
        const answer = await send('GET', `/${closed}/victim?${changed}`)
        expect([field, [400, 403].includes(answer.status)]).toEqual([field, true])
      }
      for (const field of query.keys()) {
        const less = new URLSearchParams(query)
        less.delete(field)
        const answer = await send('GET', `/${closed}/victim?${less}`)
        expect([field, answer.status >= 400 && answer.status < 500]).toEqual([field, true])
      }
    })
  })

  test('of version 1 end when they say', async () => {
    const path = `/${closed}/victim?${v1('GET', 'victim', { expires: seconds() - 1 })}`
    expect(await send('GET', path)).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('are not made of signatures in headers, nor the other way round', async () => {
    const date = new Date().toUTCString()
    const text = `GET\n\n\n${date}\n/${closed}/victim`
    const Signature = createHmac('sha1', cloud.accessKeySecret).update(text).digest('base64')
    const query = new URLSearchParams({ OSSAccessKeyId: cloud.accessKeyId, Expires: date, Signature })
    expect((await send('GET', `/${closed}/victim?${query}`)).status).toBe(403)
    const signed = new URLSearchParams(v1('GET', 'victim'))
    const headers = {
      date: signed.get('Expires')!,
      authorization: `OSS ${cloud.accessKeyId}:${signed.get('Signature')}`,
    }
    expect((await send('GET', `/${closed}/victim`, { headers })).status).toBe(403)
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

describe('forms', () => {
  const encode = (policy: unknown): string => Buffer.from(JSON.stringify(policy)).toString('base64')
  const soon = (): string => new Date(Date.now() + 60_000).toISOString()
  async function post(policy: string, fields: Record<string, string>, files = ['x']): Promise<Answer> {
    const Signature = createHmac('sha1', cloud.accessKeySecret).update(policy).digest('base64')
    const form = new FormData()
    const all = { policy, Signature, OSSAccessKeyId: cloud.accessKeyId, key: 'form/a', ...fields }
    for (const [name, value] of Object.entries(all)) form.append(name, value)
    for (const file of files) form.append('file', new Blob([file]), '../../etc/passwd')
    const answer = await fetch(`http://${cloud.endpoint}/${closed}`, { method: 'POST', body: form })
    const text = await answer.text()
    return { status: answer.status, code: /<Code>(\w+)/.exec(text)?.[1], text }
  }
  const allow = () => ({ expiration: soon(), conditions: [{ bucket: closed }, ['starts-with', '$key', 'form/']] })

  test('upload what their policy allows, under the name that it allows', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the form's own placeholder
    expect((await post(encode(allow()), { key: 'form/${filename}' })).status).toBe(204)
    expect((await callOss(cloud, { method: 'GET', bucket: closed, key: 'form/passwd' })).text).toBe('x')
  })

  test.each([
    ['another key', () => encode(allow()), { key: 'elsewhere' }, 'AccessDenied'],
    ['a key that only looks right', () => encode(allow()), { key: '/form/a' }, 'AccessDenied'],
    ['another bucket', () => encode({ ...allow(), conditions: [{ bucket: open }] }), {}, 'AccessDenied'],
    ['a late policy', () => encode({ ...allow(), expiration: '2020-01-01T00:00:00Z' }), {}, 'AccessDenied'],
    ['no expiration', () => encode({ conditions: [] }), {}, 'InvalidPolicyDocument'],
    ['no conditions', () => encode({ expiration: soon() }), {}, 'InvalidPolicyDocument'],
    [
      'an unknown operator',
      () => encode({ ...allow(), conditions: [['regex', '$key', '.*']] }),
      {},
      'InvalidPolicyDocument',
    ],
    ['a condition of null', () => encode({ ...allow(), conditions: [null] }), {}, 'InvalidPolicyDocument'],
    [
      'lengths as text',
      () => encode({ ...allow(), conditions: [['content-length-range', '0', '9']] }),
      {},
      'InvalidPolicyDocument',
    ],
    ['no JSON', () => 'bm8=', {}, 'InvalidPolicyDocument'],
    ['no base64', () => '!!!', {}, 'InvalidPolicyDocument'],
    ['a list', () => encode([]), {}, 'InvalidPolicyDocument'],
    ['another signature', () => encode(allow()), { Signature: 'AAAA' }, 'SignatureDoesNotMatch'],
    ['an unknown key id', () => encode(allow()), { OSSAccessKeyId: 'nobody' }, 'InvalidAccessKeyId'],
    ['an ACL of fancy', () => encode(allow()), { 'x-oss-object-acl': 'everything' }, 'InvalidArgument'],
    ['no key', () => encode(allow()), { key: '' }, 'InvalidArgument'],
  ])('%s is refused', async (_, policy, fields, code) => {
    const answer = await post(policy(), fields as unknown as Record<string, string>)
    expect([answer.code, answer.status >= 400 && answer.status < 500]).toEqual([code, true])
    await expectUnharmed()
  })

  test('without a file, or with broken parts, are refused', async () => {
    expect((await post(encode(allow()), {}, [])).status).toBe(400)
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    const broken = [
      '',
      '--b',
      '--b\r\n\r\n',
      '--b--',
      `--b\r\n${'x: y\r\n'.repeat(5_000)}`,
      '--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--',
    ]
    for (const body of broken) {
      const answer = await send('POST', `/${closed}`, { body: body === '' ? '\r\n' : body, headers })
      expect([body.slice(0, 20), answer.status >= 400 && answer.status < 500]).toEqual([body.slice(0, 20), true])
    }
    const noBoundary = await send('POST', `/${closed}`, {
      body: 'x',
      headers: { 'content-type': 'multipart/form-data' },
    })
    expect(noBoundary.status).toBe(400)
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
