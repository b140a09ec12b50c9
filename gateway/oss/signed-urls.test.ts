/** Signed URLs and signed forms are good for what was signed, and for nothing else. */
import { createHash, createHmac } from 'node:crypto'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Send, sender } from './hostile-under-test.ts'

/** Anyone may write to it. */
const open = 'signed-open'
const closed = 'signed-closed'
let cloud: TestCloud
let port: number
let send: Send

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

async function expectUnharmed(): Promise<void> {
  for (const bucket of [open, closed]) {
    expect((await callOss(cloud, { method: 'GET', bucket, key: 'victim' })).text).toBe('precious')
  }
}

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
