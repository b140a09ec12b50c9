/** Malformed requests for tests: endless, odd in every part, and the same for the same seed. */
import type { HttpRequest } from './http-request.ts'
import { formOf, httpRequest, signedAcs3, signedRpcV1, type TestKey, timestampOf } from './signed-under-test.ts'

export interface Random {
  /** An integer from 0 up to `below`, without it. */
  int(below: number): number
  pick<T>(from: readonly T[]): T
  /** True once in `times`. */
  oneIn(times: number): boolean
}

/** Mulberry32: small, fast and repeatable. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    int: (below) => Math.floor(next() * below),
    pick: (from) => from[Math.floor(next() * from.length)]!,
    oneIn: (times) => next() * times < 1,
  }
}

/** Texts that break things: as names, values, ids, headers. */
export const oddTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '__proto__.polluted',
  '-1',
  '0',
  '1e309',
  'NaN',
  '9007199254740993',
  '99999999999999999999999999999999999999999',
  '2147483648',
  '0x10',
  'true',
  'null',
  'undefined',
  '[]',
  '{}',
  '["\\u0000"]',
  '["\\ud800"]',
  '[[[[[[[[[[]]]]]]]]]]',
  '{"__proto__":{"a":1}}',
  '[1,{"a":null}]',
  '"',
  "'; drop table ecs.instances; --",
  '\\',
  '%',
  '%00',
  '%u0041',
  '\u{1F600}',
  '\u202e\ufeff',
  'e\u0301'.repeat(50),
  '../../../../etc/passwd',
  '$(id)',
  'i-00000000000000000000',
  'vpc-00000000000000000000',
  'cn-hangzhou',
  'CN-HANGZHOU',
  '0.0.0.0/0',
  '::/0',
  '256.1.1.1/33',
  '1970-01-01T00:00:00Z',
  '+010000-01-01T00:00:00Z',
  'A'.repeat(300),
  '{'.repeat(2_000),
  '['.repeat(2_000),
]

const oddPercents = [
  '%',
  '%zz',
  '%c0%80',
  '%ff',
  '%f4%90%80%80',
  '%ed%a0%80',
  '%e2%82',
  '%00',
  '%u0041',
  '+',
  '%2B',
  '%25',
]
const systemNames = [
  'Action',
  'Version',
  'Format',
  'AccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureNonce',
  'SignatureType',
  'Timestamp',
  'SecurityToken',
  'RegionId',
  'AcceptLanguage',
]
const versions = ['2014-05-26', '2016-04-28', '2015-05-01', '2015-04-01', '2019-08-15', '2020-12-30', '2015-06-12', 'x']
const actions = ['DescribeRegions', 'RunInstances', 'CreateVpc', 'GetCallerIdentity', 'MakeCoffee', 'ListUsers', '']
const contentTypes = [
  'application/x-www-form-urlencoded',
  'APPLICATION/X-WWW-FORM-URLENCODED; charset=gbk',
  'application/x-www-form-urlencodedx',
  'multipart/form-data; boundary=x',
  'application/json',
  'text/xml',
  '',
  ',;,',
]
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'M-SEARCH']
const paths = [
  '/',
  '//',
  '/%',
  '/%2e%2e/%2e%2e',
  '/a/b?c',
  '*',
  '/\u00e9',
  `/${'a/'.repeat(500)}`,
  '/__proto__',
  '/%00',
]
const headerNames = [
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
  'x-acs-security-token',
  'x-acs-region-id',
  'x-acs-signature-method',
  'x-acs-__proto__',
  'authorization',
  'content-type',
  'content-md5',
  'date',
  'accept',
  'accept-language',
  'user-agent',
  'host',
  'constructor',
]

export interface HostileTarget {
  key: TestKey
  /** What is implemented: `[version, action, parameter names]`. */
  operations: readonly { version: string; action: string; parameters: readonly string[] }[]
}

/** One malformed request. */
export function hostileRequest(random: Random, target: HostileTarget): HttpRequest {
  switch (random.int(8)) {
    case 0:
      return junk(random)
    case 1:
      return brokenRpcV1(random, target.key)
    case 2:
      return brokenAcs3(random, target.key)
    case 3:
      return brokenRoa(random, target.key)
    case 4:
      return manyParameters(random)
    case 5:
      return mutated(random, signedRpcV1(target.key, { Action: random.pick(actions), Version: random.pick(versions) }))
    case 6:
      return mutated(
        random,
        signedAcs3(target.key, { action: random.pick(actions), version: random.pick(versions), form: { A: 'b' } }),
      )
    default:
      return misnamed(random)
  }
}

/** A rightly signed call of an implemented operation with odd values, which gets as far as the database. */
export function hostileCall(random: Random, { key, operations }: HostileTarget): HttpRequest {
  const { version, action, parameters } = random.pick(operations)
  const values: Record<string, string> = { Action: action, Version: version }
  for (let count = 1 + random.int(6); count > 0; count -= 1) {
    const name = random.oneIn(10) ? oddName(random) : random.pick(parameters)
    // A region that is not served ends the call early.
    if (name !== 'RegionId' || random.oneIn(10)) values[name] = random.pick(oddTexts)
  }
  if (random.oneIn(4)) return signedAcs3(key, { action, version, query: omit(values, ['Action', 'Version']) })
  return signedRpcV1(key, values, random.pick(['GET', 'POST']))
}

function junk(random: Random): HttpRequest {
  const headers: Record<string, string> = {}
  for (let count = random.int(8); count > 0; count -= 1) headers[random.pick(headerNames)] = oddHeader(random)
  return httpRequest({
    method: random.pick(methods),
    path: random.pick(paths),
    query: oddQuery(random),
    headers,
    body: oddBody(random),
  })
}

function brokenRpcV1(random: Random, key: TestKey): HttpRequest {
  const values: Record<string, string | undefined> = { Action: random.pick(actions), Version: random.pick(versions) }
  for (let count = 1 + random.int(3); count > 0; count -= 1) {
    const name = random.pick(systemNames)
    if (name !== 'Signature') values[name] = random.oneIn(3) ? undefined : random.pick(oddTexts)
  }
  const wrong = random.oneIn(2) ? key : { ...key, accessKeySecret: 'wrong' }
  return signedRpcV1(wrong, values, random.pick(['GET', 'POST']))
}

function brokenAcs3(random: Random, key: TestKey): HttpRequest {
  const http = signedAcs3(key, {
    action: random.pick(actions),
    version: random.pick(versions),
    query: { [oddName(random)]: random.pick(oddTexts) },
    headers: random.oneIn(3) ? { [random.pick(headerNames.slice(0, 8))]: oddHeader(random) } : {},
  })
  const list = [random.pick(headerNames), oddName(random), random.pick(oddTexts), 'host'].join(';')
  const authorization = random.pick([
    `ACS3-HMAC-SHA256 Credential=${key.accessKeyId},SignedHeaders=${list},Signature=00`,
    `ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=`,
    `ACS3-HMAC-SHA256 ${'Credential=a,'.repeat(1_000)}`,
    `ACS3-RSA-SHA256 Credential=${key.accessKeyId},SignedHeaders=host,Signature=zz`,
    `ACS3-${random.pick(oddTexts)}`,
    String(http.headers.authorization).replace(/SignedHeaders=/, `SignedHeaders=${random.pick(oddTexts)};`),
    String(http.headers.authorization).slice(0, random.int(200)),
  ])
  return { ...http, headers: { ...http.headers, authorization } }
}

function brokenRoa(random: Random, key: TestKey): HttpRequest {
  return httpRequest({
    method: random.pick(methods),
    path: random.pick(paths),
    query: oddQuery(random),
    headers: {
      authorization: random.pick([`acs ${key.accessKeyId}:${random.pick(oddTexts)}`, 'acs ', 'acs :', 'acs a:b']),
      date: random.pick([new Date().toUTCString(), oddHeader(random)]),
      'x-acs-version': random.pick(versions),
      'x-acs-action': random.pick(actions),
      'x-acs-signature-nonce': oddHeader(random),
      'content-md5': oddHeader(random),
    },
    body: oddBody(random),
  })
}

function manyParameters(random: Random): HttpRequest {
  const pairs: string[] = [`Action=${random.pick(actions)}`, `Version=${random.pick(versions)}`]
  const shape = random.int(5)
  // A few are large; all of them being so would be a test of patience.
  const count = random.oneIn(200) ? 6_000 : random.int(100)
  for (let index = 0; index < count; index += 1) {
    if (shape === 0) pairs.push(`Tag.${index}.Key=x`)
    else if (shape === 1)
      pairs.push(`InstanceId.${random.pick(['0', '-1', '4294967296', '1001', '1e3', ' 1'])}${index}=x`)
    else if (shape === 2) pairs.push(`${'A.'.repeat(index % 100)}=x`)
    else if (shape === 3) pairs.push(random.oneIn(2) ? '' : '=')
    else pairs.push(`DataDisk.1.${'1.'.repeat(index % 40)}Size=${index}`)
  }
  const headers = { host: 'x', 'content-type': 'application/x-www-form-urlencoded' }
  return httpRequest({ method: 'POST', headers, body: Buffer.from(pairs.join('&')) })
}

/** Flips, cuts, repeats or inserts bytes in the query or body of a sound request. */
function mutated(random: Random, http: HttpRequest): HttpRequest {
  if (http.query.length > 0 && random.oneIn(2)) {
    const at = random.int(http.query.length)
    const odd = random.pick([...oddPercents, '&', '=', '&&', `&${http.query}`])
    return { ...http, query: http.query.slice(0, at) + odd + http.query.slice(at + random.int(3)) }
  }
  const body = Buffer.from(http.body)
  if (body.length === 0 || random.oneIn(4)) return { ...http, body: Buffer.concat([body, oddBody(random)]) }
  body[random.int(body.length)] = random.int(256)
  return { ...http, body: random.oneIn(3) ? body.subarray(0, random.int(body.length)) : body }
}

function misnamed(random: Random): HttpRequest {
  const pairs: [string, string][] = [
    ['Action', random.oneIn(3) ? random.pick(oddTexts) : random.pick(actions)],
    ['Version', random.oneIn(3) ? random.pick(oddTexts) : random.pick(versions)],
    ['Format', random.pick(['XML', 'json', ...oddTexts])],
    ['Timestamp', random.oneIn(2) ? timestampOf(new Date()) : random.pick(oddTexts)],
    [oddName(random), random.pick(oddTexts)],
  ]
  return httpRequest({ method: random.pick(methods), path: random.pick(['/', ...paths]), query: formOf(pairs) })
}

function oddName(random: Random): string {
  return random.pick([
    ...oddTexts,
    'Tag.1.Key',
    'tag.1.key',
    'Tag.0.Key',
    'Tag.1001.Key',
    'Tag..Key',
    '.',
    '..',
    'Tag.1',
    'Tag',
    'Map.#3#a.b',
    'Map.#999#a',
    'InstanceIds.1.__proto__.x',
  ])
}

function oddHeader(random: Random): string {
  return random.pick([...oddTexts, ...contentTypes, timestampOf(new Date()), '\u00ff\u00fe', 'a,b', 'X'.repeat(5_000)])
}

function oddQuery(random: Random): string {
  const parts: string[] = []
  for (let count = random.int(6); count > 0; count -= 1) {
    parts.push(
      `${random.pick([...systemNames, ...oddPercents])}=${random.pick([...oddPercents, ...actions, ...versions])}`,
    )
  }
  return parts.join(random.pick(['&', '&&', ';', '&=&']))
}

function oddBody(random: Random): Buffer {
  const size = random.oneIn(2_000) ? 1_000_000 : random.int(64)
  const fill = random.pick([0x00, 0x26, 0x25, 0x2b, 0x3d, 0x41, 0x5b, 0x7b, 0xc3, 0xff])
  const body = Buffer.alloc(size, fill)
  if (size > 0 && size < 64) body[random.int(size)] = random.int(256)
  return body
}

function omit(values: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}
