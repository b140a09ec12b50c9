import { expect, test } from 'vitest'
import { parseQuery } from '../query.ts'
import type { Signable } from './signable.ts'
import { readV1Header, readV1Query } from './v1.ts'
import { readV2Header, readV2Query } from './v2.ts'
import { readV4Header, readV4Query } from './v4.ts'

const secret = 'testsecret'
const at = (bucket: string, key: string) => [{ bucket, key, regionId: undefined }]

test('an OSS v1 header signature matches the vector, and no other secret', () => {
  const request: Signable = {
    method: 'PUT',
    headers: {
      authorization: 'OSS testid:fHDfJJcpwRVlcGzOZMt0gNHX0OY=',
      'content-md5': 'ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM=',
      'content-type': 'text/html',
      date: 'Thu, 17 Nov 2025 18:49:58 GMT',
      'x-oss-magic': 'abracadabra',
      'x-oss-meta-author': 'foo@bar.com',
    },
    path: '/nelson',
    sentPath: '/nelson',
    query: parseQuery('uploadId=X1&unsigned=1'),
    addresses: at('oss-example', 'nelson'),
  }
  const signature = readV1Header(request)
  expect(signature?.accessKeyId).toBe('testid')
  expect(signature?.match(secret)?.address.key).toBe('nelson')
  expect(signature?.match('other')).toBeUndefined()
})

test('an OSS v1 signed URL matches the vector', () => {
  const signature = readV1Query({
    method: 'GET',
    headers: {},
    path: '/dir/a b.txt',
    sentPath: '/dir/a b.txt',
    query: parseQuery('OSSAccessKeyId=testid&Expires=1767225600&Signature=pbZeV9IxUmdAzAuPnRvyBWSeVmo%3D'),
    addresses: at('oss-example', 'dir/a b.txt'),
  })
  expect(signature?.expiresAt).toEqual(new Date('2026-01-01T00:00:00Z'))
  expect(signature?.match(secret)).toBeDefined()
})

test('OSS v2 signatures in header and URL match vectors made by the Python SDK', () => {
  const address = { path: '/dir/a b.txt', sentPath: '/dir/a b.txt', addresses: at('oss-example', 'dir/a b.txt') }
  const header = readV2Header({
    ...address,
    method: 'PUT',
    headers: {
      authorization:
        'OSS2 AccessKeyId:testid,AdditionalHeaders:range,Signature:m0GFeEIINZSN7PzXxQSedS9EcQJSAj7TNVUz8RgczlU=',
      'content-type': 'text/plain',
      date: 'Mon, 23 Feb 2026 12:46:24 GMT',
      range: 'bytes=0-1',
      'x-oss-meta-a': Buffer.from('杭 州').toString('latin1'),
    },
    query: parseQuery('uploadId=X1&acl'),
  })
  expect([header?.accessKeyId, header?.signedAt?.toISOString()]).toEqual(['testid', '2026-02-23T12:46:24.000Z'])
  expect([header?.match(secret)?.address.key, header?.match('other')]).toEqual(['dir/a b.txt', undefined])
  const signed =
    'response-content-type=text%2Fx&x-oss-signature-version=OSS2&x-oss-expires=1767225600&x-oss-access-key-id=testid&x-oss-signature=RFmEfOTkCr8k8BAXYMkBmq6k3Wpzrh11BX8VsyhhW%2Fs%3D'
  const read = (query: string) => readV2Query({ ...address, method: 'GET', headers: {}, query: parseQuery(query) })
  expect(read(signed)?.expiresAt).toEqual(new Date('2026-01-01T00:00:00Z'))
  expect(read(signed)?.match(secret)).toBeDefined()
  expect(read(`${signed}&acl`)?.match(secret)).toBeUndefined()
})

test('an OSS v4 header signature matches the vector', () => {
  const request: Signable = {
    method: 'POST',
    headers: {
      authorization:
        'OSS4-HMAC-SHA256 Credential=testid/20260223/cn-hangzhou/oss/aliyun_v4_request, AdditionalHeaders=host, Signature=df9724bd792260cc885a9541ad996cde8dd5b66024fac3d629b852dd6ee2c1f3',
      'content-type': 'text/plain',
      host: 'oss-example.oss.local:9000',
      'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
      'x-oss-date': '20260223T124624Z',
      'x-oss-meta-a': '1',
    },
    path: '/dir/a b.txt',
    sentPath: '/dir/a b.txt',
    query: parseQuery('uploads&prefix=a%2Fb%20c'),
    addresses: at('oss-example', 'dir/a b.txt'),
  }
  const signature = readV4Header(request)
  expect(signature?.regionId).toBe('cn-hangzhou')
  expect(signature?.match(secret)).toBeDefined()
  expect(
    readV4Header({ ...request, headers: { ...request.headers, 'x-oss-meta-a': '2' } })?.match(secret),
  ).toBeUndefined()
})

test('an OSS v4 signed URL matches the vector', () => {
  const query = (signature: string) =>
    parseQuery(
      `x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=testid%2F20260223%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20260223T124624Z&x-oss-expires=3600&x-oss-signature=${signature}`,
    )
  const request = {
    method: 'GET',
    headers: {},
    path: '/dir/a b.txt',
    sentPath: '/dir/a%20b.txt',
    addresses: at('oss-example', 'dir/a b.txt'),
  }
  const good = readV4Query({
    ...request,
    query: query('183c6b98dd6c77c8d02d7eaeaf681bf61d8e545f61b237c3371ef8f2703bbbee'),
  })
  expect(good?.expiresAt).toEqual(new Date('2026-02-23T13:46:24Z'))
  expect(good?.match(secret)).toBeDefined()
  expect(readV4Query({ ...request, query: query('0'.repeat(64)) })?.match(secret)).toBeUndefined()
})

test('an S3 v2 header signature matches the published example', () => {
  const signature = readV1Header({
    method: 'GET',
    headers: {
      authorization: 'AWS AKIAIOSFODNN7EXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU=',
      date: 'Tue, 27 Mar 2007 19:36:42 +0000',
    },
    path: '/photos/puppy.jpg',
    sentPath: '/photos/puppy.jpg',
    query: [],
    addresses: at('johnsmith', 'photos/puppy.jpg'),
  })
  expect(signature?.match('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBeDefined()
})

test('an S3 v4 header signature matches the published example', () => {
  const signature = readV4Header({
    method: 'GET',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-amz-date': '20130524T000000Z',
    },
    path: '/test.txt',
    sentPath: '/test.txt',
    query: [],
    addresses: at('examplebucket', 'test.txt'),
  })
  expect(signature?.match('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBeDefined()
})
