import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { httpRequest } from '../signed-under-test.ts'
import { readAcs3 } from './acs3.ts'
import { readRoaV1 } from './roa-v1.ts'
import { byBytes, readRpcV1 } from './rpc-v1.ts'

// Computed by a second implementation of each scheme, which was compared with what the official clients send.
const secret = 'testsecret'
const hardValue = 'a b*c~(d)/é'

describe('RPC v1', () => {
  const parameters = {
    AccessKeyId: 'testid',
    Action: 'DescribeRegions',
    Format: 'JSON',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
    SignatureVersion: '1.0',
    'Tag.1.Value': hardValue,
    Timestamp: '2026-02-23T12:46:24Z',
    Version: '2014-05-26',
  }
  const read = (method: string, signature: string, changes: Record<string, string> = {}) =>
    readRpcV1(method, new Map(Object.entries({ ...parameters, Signature: signature, ...changes })))

  test.each([
    ['GET', 'aPOPaMMZuqqOyQmcRJhnKkkzD+k='],
    ['POST', 'yfTFn0V7ohckhCHxMY9ekAUd1qA='],
  ])('%s gives the known signature', (method, signature) => {
    const signed = read(method, signature)
    expect(signed.stringToSign).toContain('a%2520b%252Ac~%2528d%2529%252F%25C3%25A9')
    expect(signed.matches(secret)).toBe(true)
    expect(signed.matches('other')).toBe(false)
    expect(signed.signedAt.toISOString()).toBe('2026-02-23T12:46:24.000Z')
  })

  test('a signature is one text: nothing that decodes to the same bytes will do', () => {
    for (const signature of [
      'aPOPaMMZuqqOyQmcRJhnKkkzD+k',
      'aPOPaMMZuqqOyQmcRJhnKkkzD-k=',
      ' aPOPaMMZuqqOyQmcRJhnKkkzD+k=',
      'aPOPaMMZuqqOyQmcRJhnKkkzD+k=\n',
    ]) {
      expect(read('GET', signature).matches(secret)).toBe(false)
    }
  })

  test('other methods and missing parts are named', () => {
    expect(() => read('GET', 'x', { SignatureMethod: 'HMAC-MD5' })).toThrow('HMAC-MD5')
    expect(() => read('GET', '')).toThrow('Signature is missing')
    expect(() => read('GET', 'x', { SignatureNonce: '' })).toThrow('SignatureNonce is missing')
    expect(() => read('GET', 'x', { Timestamp: '2026-02-30T99:00:00Z' })).toThrow('is not well formed')
    expect(() => read('GET', 'x', { SignatureMethod: '__proto__' })).toThrow('is not supported')
    expect(() => read('GET', 'x', { SignatureMethod: 'constructor' })).toThrow('is not supported')
  })
})

describe('ACS3', () => {
  const emptyHash = createHash('sha256').update('').digest('hex')
  const names = 'host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version'
  const headers = {
    host: '127.0.0.1:8080',
    'x-acs-action': 'DescribeInstances',
    'x-acs-version': '2014-05-26',
    'x-acs-date': '2026-02-23T12:46:24Z',
    'x-acs-signature-nonce': 'abc123',
    'x-acs-content-sha256': emptyHash,
  }
  const signature = '8f3c2892d814c02367a2c0a8b54433fd59cc32aa422dba68961daed874ac5b1f'
  const query = new Map([
    ['Tag.1.Value', hardValue],
    ['RegionId', 'cn-hangzhou'],
  ])
  const read = (signedNames = names, more: Record<string, string> = {}, body = '') => {
    const authorization = `ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=${signedNames},Signature=${signature}`
    const request = httpRequest({
      method: 'POST',
      headers: { ...headers, ...more, authorization },
      body: Buffer.from(body),
    })
    return readAcs3(request, query)
  }

  test('gives the known hash and signature', () => {
    const signed = read()
    expect(signed.stringToSign).toBe(
      'ACS3-HMAC-SHA256\nf1c07f9db7cfd286118795a479a8863998bee59a778dfb9134e0a6100879d353',
    )
    expect(signed.matches(secret)).toBe(true)
    expect(signed.matches('other')).toBe(false)
  })

  test('headers that mean something must be signed, and signed ones sent', () => {
    expect(() => read(names.replace('host;', ''))).toThrow('host is sent but not signed')
    expect(() => read(names, { 'x-acs-security-token': 'x' })).toThrow('x-acs-security-token is sent but not signed')
    expect(() => read(`${names};x-acs-absent`)).toThrow('x-acs-absent is signed but not sent')
    expect(() => read(`${names};host`)).toThrow('names a header twice')
    const form = { 'x-acs-content-sha256': createHash('sha256').update('A=1').digest('hex') }
    expect(() => read(names, { ...form, 'content-type': 'application/x-www-form-urlencoded' }, 'A=1')).toThrow(
      'content-type is sent with a body but not signed',
    )
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', ''])(
    'SignedHeaders "%s" finds nothing that objects inherit',
    (name) => {
      expect(() => read(`${names};${name}`)).toThrow('is signed but not sent')
    },
  )

  test('the body must be the one that was hashed', () => {
    expect(() => read(names, {}, 'other')).toThrow('not the SHA-256 of the body')
  })
})

describe('ROA v1', () => {
  const read = (more: Record<string, string> = {}, body = '', signature = 'OGnCacZEZ9GewSPDJm5baMcYXW0=') =>
    readRoaV1(
      httpRequest({
        path: '/clusters',
        headers: {
          accept: 'application/json',
          date: 'Mon, 23 Feb 2026 12:46:24 GMT',
          'x-acs-signature-method': 'HMAC-SHA1',
          'x-acs-signature-version': '1.0',
          'x-acs-signature-nonce': 'abc123',
          'x-acs-version': '2015-12-15',
          ...more,
          authorization: `acs testid:${signature}`,
        },
        body: Buffer.from(body),
      }),
      new Map([
        ['name', 'a b'],
        ['empty', ''],
      ]),
    )

  test('gives the known signature', () => {
    expect(read().matches(secret)).toBe(true)
    expect(read().matches('other')).toBe(false)
    expect(read({ 'x-acs-version': '2015-12-16' }).matches(secret)).toBe(false)
    expect(read({ 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' }).matches(secret)).toBe(false)
  })

  test('a body that is not the one of Content-MD5 is refused', () => {
    expect(() => read({ 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' }, 'other')).toThrow('not the MD5 of the body')
  })
})

test('names sort by the bytes of their UTF-8, also beyond the basic plane', () => {
  const names = ['\u{1F600}', '\uFF5E', 'a', 'Z', 'a.1', 'a-1', 'é']
  const byBuffer = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect([...names].sort(byBytes)).toEqual(byBuffer)
})
