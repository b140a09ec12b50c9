/** How bodies travel: checksums, conditions, speed limits, and what many keys at once cost. */
import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { callS3, type S3Call } from '@pileus/testkit/s3-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { createCRC32, createCRC64 } from 'hash-wasm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bucket = 'transfers'
let cloud: TestCloud
let aheadMs = 0
const clock = { now: () => new Date(Date.now() + aheadMs) }

beforeAll(async () => {
  cloud = await startTestCloud({ clock })
  await oss({ method: 'PUT' })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const oss = (call: OssCall) => callOss({ ...cloud, now: clock.now() }, { bucket, ...call })
const s3 = (key: string, call: Omit<S3Call, 'path'>) => callS3(cloud, { path: `/${bucket}/${key}`, ...call })
const outcome = ({ status, code }: { status: number; code: string | undefined }) => [status, code]

const digests: Record<string, (body: Buffer) => Promise<Buffer>> = {
  crc32: async (body) => {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return sum
  },
  crc32c: async (body) => Buffer.from((await createCRC32(0x82f63b78)).init().update(body).digest(), 'hex'),
  crc64nvme: async (body) => Buffer.from((await createCRC64('9a6c9329ac4bc9b5')).init().update(body).digest(), 'hex'),
  sha1: async (body) => createHash('sha1').update(body).digest(),
  sha256: async (body) => createHash('sha256').update(body).digest(),
}

test('checksums are those of the CRC catalogue', async () => {
  const text = Buffer.from('123456789')
  expect((await digests['crc32c']!(text)).toString('hex')).toBe('e3069283')
  expect((await digests['crc64nvme']!(text)).toString('hex')).toBe('ae8b14860a799888')
})

describe.each(Object.keys(digests))('x-amz-checksum-%s', (algorithm) => {
  const name = `x-amz-checksum-${algorithm}`
  const body = randomBytes(150_000)

  test('in a header', async () => {
    const value = (await digests[algorithm]!(body)).toString('base64')
    expect(outcome(await s3(algorithm, { method: 'PUT', body, headers: { [name]: value } }))).toEqual([200, undefined])
    const wrong = (await digests[algorithm]!(Buffer.from('other'))).toString('base64')
    const refused = await s3(`no-${algorithm}`, { method: 'PUT', body, headers: { [name]: wrong } })
    expect(outcome(refused)).toEqual([400, 'BadDigest'])
    expect((await oss({ method: 'HEAD', key: `no-${algorithm}` })).status).toBe(404)
  })

  test.each(['signed', 'unsigned'] as const)('in the trailer of %s chunks', async (kind) => {
    const value = (await digests[algorithm]!(body)).toString('base64')
    const put = (key: string, trailers: Record<string, string>, tamper?: (sent: Buffer) => Buffer) =>
      s3(key, {
        method: 'PUT',
        body,
        headers: { 'x-amz-trailer': name },
        framing: { kind, chunkBytes: 65_536, trailers },
        ...(tamper ? { tamper } : {}),
      })
    expect(outcome(await put('trailed', { [name]: value }))).toEqual([200, undefined])
    expect((await oss({ method: 'HEAD', key: 'trailed' })).headers['content-length']).toBe('150000')
    expect(outcome(await put('no', { [name]: 'AAAA' }))).toEqual([400, 'BadDigest'])
    expect(outcome(await put('no', {}))).toEqual([400, 'IncompleteBody'])
    const changed = await put('no', { [name]: value }, (sent) => {
      sent[1000]! ^= 1
      return sent
    })
    expect(outcome(changed)).toEqual(kind === 'signed' ? [403, 'SignatureDoesNotMatch'] : [400, 'BadDigest'])
    const swapped = await put('no', { [name]: value }, (sent) => {
      const text = sent.toString('latin1')
      return Buffer.from(text.replace(`${name}:${value}`, `${name}:${'A'.repeat(value.length)}`), 'latin1')
    })
    expect(outcome(swapped)).toEqual(kind === 'signed' ? [403, 'SignatureDoesNotMatch'] : [400, 'BadDigest'])
    expect((await oss({ method: 'HEAD', key: 'no' })).status).toBe(404)
  })
})

test('a trailer that is no checksum is refused', async () => {
  const framing = { kind: 'unsigned', chunkBytes: 10, trailers: { 'x-amz-checksum-md9': 'x' } } as const
  const answer = await s3('t', {
    method: 'PUT',
    body: 'x',
    headers: { 'x-amz-trailer': 'x-amz-checksum-md9' },
    framing,
  })
  expect(outcome(answer)).toEqual([400, 'InvalidArgument'])
})

test('digests of OSS clients are compared', async () => {
  const put = (headers: Record<string, string>) => oss({ method: 'PUT', key: 'sums', body: '123456789', headers })
  expect((await put({ 'x-oss-hash-crc64ecma': '11051210869376104954' })).status).toBe(200)
  expect(outcome(await put({ 'x-oss-hash-crc64ecma': '1' }))).toEqual([400, 'InvalidDigest'])
  const xml = '<Delete><Object><Key>sums</Key></Object></Delete>'
  const headers = { 'content-md5': createHash('md5').update('other').digest('base64') }
  const unsigned = await fetch(`http://${cloud.endpoint}/${bucket}?delete`, { method: 'POST', body: xml, headers })
  expect([unsigned.status, await unsigned.text()]).toEqual([400, expect.stringContaining('InvalidDigest')])
  expect((await oss({ method: 'HEAD', key: 'sums' })).status).toBe(200)
})

test('digests of S3 clients are compared, and refused in S3’s words', async () => {
  const headers = { 'content-md5': createHash('md5').update('other').digest('base64') }
  expect(outcome(await s3('sums', { method: 'PUT', body: 'x', headers }))).toEqual([400, 'BadDigest'])
  const body = '<Delete><Object><Key>sums</Key></Object></Delete>'
  const call = { method: 'POST', path: `/${bucket}`, query: { delete: '' }, body, headers } as const
  expect(outcome(await callS3(cloud, call))).toEqual([400, 'BadDigest'])
  expect((await oss({ method: 'GET', key: 'sums' })).text).toBe('123456789')
})

test('S3 clients write only what is not there, or what they know', async () => {
  const put = (headers: Record<string, string>, body = 'b') => s3('once', { method: 'PUT', body, headers })
  expect((await put({ 'if-match': '"abc"' })).status).toBe(404)
  const first = await put({ 'if-none-match': '*' }, 'first')
  expect(first.status).toBe(200)
  expect(outcome(await put({ 'if-none-match': '*' }))).toEqual([412, 'PreconditionFailed'])
  expect(outcome(await put({ 'if-match': '"abc"' }))).toEqual([412, 'PreconditionFailed'])
  expect((await oss({ method: 'GET', key: 'once' })).text).toBe('first')
  expect((await put({ 'if-match': first.headers['etag']! }, 'second')).status).toBe(200)
  const races = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      s3('race', { method: 'PUT', body: String(i), headers: { 'if-none-match': '*' } }),
    ),
  )
  expect(races.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412, 412, 412, 412, 412])
  const inOss = await oss({ method: 'PUT', key: 'once', body: 'x', headers: { 'if-none-match': '*' } })
  expect(outcome(inOss)).toEqual([501, 'NotImplemented'])
})

test('x-oss-traffic-limit slows a request down, both ways', async () => {
  const body = randomBytes(50_000)
  const limit = { 'x-oss-traffic-limit': '819200' }
  const timed = async (call: OssCall): Promise<number> => {
    const startedMs = performance.now()
    expect((await oss(call)).status).toBe(200)
    return performance.now() - startedMs
  }
  expect(await timed({ method: 'PUT', key: 'slow', body, headers: limit })).toBeGreaterThan(350)
  expect(await timed({ method: 'GET', key: 'slow', headers: limit })).toBeGreaterThan(350)
  expect(await timed({ method: 'GET', key: 'slow', query: limit })).toBeGreaterThan(350)
  const refused = await oss({ method: 'GET', key: 'slow', headers: { 'x-oss-traffic-limit': '245759' } })
  expect(outcome(refused)).toEqual([400, 'InvalidArgument'])
})

test('pages of other origins may read refusals too', async () => {
  const rule = '<CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>'
  await oss({ method: 'PUT', query: { cors: undefined }, body: `<CORSConfiguration>${rule}</CORSConfiguration>` })
  const ask = async (path: string, origin: string) => {
    const answer = await fetch(`http://${cloud.endpoint}/${bucket}/${path}`, { headers: { origin } })
    return [answer.status, answer.headers.get('access-control-allow-origin')]
  }
  expect(await ask('nothing', 'https://a.example')).toEqual([403, 'https://a.example'])
  expect(await ask('nothing?OSSAccessKeyId=x&Expires=1&Signature=y', 'https://a.example')).toEqual([
    403,
    'https://a.example',
  ])
  expect(await ask('nothing', 'https://b.example')).toEqual([403, null])
})

test('many keys are deleted at once, with markers where versions are kept', async () => {
  const keys = Array.from({ length: 250 }, (_, i) => `many/${String(i).padStart(3, '0')}`)
  await Promise.all(keys.slice(0, 20).map((key) => oss({ method: 'PUT', key, body: 'x' })))
  const remove = (given: readonly string[]) =>
    oss({ method: 'POST', query: { delete: undefined }, body: `<Delete>${given.join('')}</Delete>` })
  const named = keys.map((key) => `<Object><Key>${key}</Key></Object>`)
  const first = await remove(named.toReversed())
  expect([first.status, first.text.match(/<Deleted>/g)?.length, first.text.includes('Marker')]).toEqual([
    200,
    250,
    false,
  ])
  expect((await oss({ method: 'GET', query: { prefix: 'many/' } })).text).not.toContain('<Contents>')
  const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await oss({ method: 'PUT', query: { versioning: undefined }, body: versioning })
  await oss({ method: 'PUT', key: keys[0]!, body: 'x' })
  const second = await remove(named.slice(0, 2))
  const markers = [...second.text.matchAll(/<DeleteMarkerVersionId>(\w+)/g)].map((match) => match[1])
  expect([new Set(markers).size, second.text.match(/<DeleteMarker>true/g)?.length]).toEqual([2, 2])
  const third = await remove([`<Object><Key>${keys[0]}</Key><VersionId>${markers[0]}</VersionId></Object>`])
  expect(third.text).toContain(`<DeleteMarkerVersionId>${markers[0]}</DeleteMarkerVersionId>`)
  expect((await oss({ method: 'GET', key: keys[0]! })).text).toBe('x')
})

test('a thawed copy is given up before its days are over', async () => {
  const headers = { 'x-oss-storage-class': 'ColdArchive' }
  await oss({ method: 'PUT', key: 'cold', body: 'x', headers })
  const clean = () => oss({ method: 'POST', key: 'cold', query: { cleanRestoredObject: undefined } })
  expect(outcome(await clean())).toEqual([409, 'ArchiveRestoreFileStale'])
  await oss({ method: 'POST', key: 'cold', query: { restore: undefined } })
  expect(outcome(await clean())).toEqual([409, 'ArchiveRestoreNotFinished'])
  aheadMs = 6 * 3_600_000
  expect((await oss({ method: 'GET', key: 'cold' })).text).toBe('x')
  expect((await clean()).status).toBe(200)
  expect(outcome(await oss({ method: 'GET', key: 'cold' }))).toEqual([403, 'InvalidObjectState'])
  aheadMs = 0
})

test('S3’s clients read an object in its parts', async () => {
  const parts = [randomBytes(110_000), randomBytes(102_400), randomBytes(7)]
  const begun = await oss({ method: 'POST', key: 'parts', query: { uploads: undefined } })
  const uploadId = /<UploadId>(\w+)/.exec(begun.text)?.[1] ?? ''
  for (const [i, body] of parts.entries()) {
    await oss({ method: 'PUT', key: 'parts', query: { partNumber: String(i + 1), uploadId }, body })
  }
  await oss({ method: 'POST', key: 'parts', query: { uploadId }, headers: { 'x-oss-complete-all': 'yes' } })
  const head = await s3('parts', { method: 'HEAD', query: { partNumber: '2' } })
  expect([head.status, head.headers]).toEqual([
    206,
    expect.objectContaining({
      'content-length': '102400',
      'content-range': 'bytes 110000-212399/212407',
      'x-amz-mp-parts-count': '3',
    }),
  ])
  const last = await s3('parts', { method: 'GET', query: { partNumber: '3' } })
  expect([last.status, last.headers['content-length']]).toEqual([206, '7'])
  expect(outcome(await s3('parts', { method: 'GET', query: { partNumber: '4' } }))).toEqual([400, 'InvalidPart'])
  expect((await s3('race', { method: 'GET', query: { partNumber: '1' } })).status).toBe(206)
})

test('a symbolic link gives no right to its target', async () => {
  await oss({ method: 'PUT', key: 'secret', body: 'secret' })
  const headers = { 'x-oss-symlink-target': 'secret', 'x-oss-object-acl': 'public-read' }
  await oss({ method: 'PUT', key: 'link', query: { symlink: undefined }, headers })
  const anonymous = (key: string) => callOss(cloud, { method: 'GET', bucket, key }, 'anonymous')
  expect(outcome(await anonymous('link'))).toEqual([403, 'AccessDenied'])
  expect((await oss({ method: 'GET', key: 'link' })).text).toBe('secret')
  const acl = { 'x-oss-object-acl': 'public-read' }
  await oss({ method: 'PUT', key: 'secret', query: { acl: undefined }, headers: acl })
  expect((await anonymous('link')).text).toBe('secret')
})

test('a sealed object takes nothing more', async () => {
  const append = (position: number) =>
    oss({ method: 'POST', key: 'log', query: { append: undefined, position: String(position) }, body: 'line' })
  const seal = (position: number, key = 'log') =>
    oss({ method: 'POST', key, query: { seal: undefined, position: String(position) } })
  expect(outcome(await seal(0))).toEqual([404, 'NoSuchKey'])
  await append(0)
  expect(outcome(await seal(3))).toEqual([409, 'PositionNotEqualToLength'])
  const first = await seal(4)
  expect([first.status, Date.parse(first.headers['x-oss-sealed-time']!) > 0]).toEqual([200, true])
  expect((await seal(4)).headers['x-oss-sealed-time']).toBe(first.headers['x-oss-sealed-time'])
  expect((await oss({ method: 'HEAD', key: 'log' })).headers['x-oss-sealed-time']).toBe(
    first.headers['x-oss-sealed-time'],
  )
  expect(outcome(await append(4))).toEqual([409, 'ObjectNotAppendable'])
  expect((await oss({ method: 'GET', key: 'log' })).text).toBe('line')
  expect(outcome(await seal(8, 'once'))).toEqual([409, 'ObjectNotAppendable'])
})
