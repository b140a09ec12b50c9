import { describe, expect, test } from 'vitest'
import { desiredMachine } from '../agent/testing/fake-control-plane.ts'
import { answerMetadata, type MetadataRequest } from './answer.ts'
import { TokenMint } from './tokens.ts'

const nowMs = Date.UTC(2018, 0, 1)
const tokens = new TokenMint(Buffer.alloc(32, 7))
const machine = {
  ...desiredMachine('i-one', 'tiny').metadata,
  userData: Buffer.from('#!/bin/sh\n').toString('base64'),
  publicKeys: [{ name: 'login', openSsh: 'ssh-ed25519 AAAA someone' }],
  networkInterfaces: [
    {
      mac: '00:16:3e:00:00:05',
      id: 'eni-1',
      primaryIp: '10.0.0.5',
      privateIps: ['10.0.0.5', '10.0.0.6'],
      gateway: '10.0.0.253',
      netmask: '255.255.255.0',
      vswitchId: 'vsw-1',
      vswitchCidr: '10.0.0.0/24',
      vpcId: 'vpc-1',
    },
  ],
}

function ask(request: Partial<MetadataRequest>, of = machine) {
  return answerMetadata({ method: 'GET', url: '/', headers: {}, ...request }, of, tokens, nowMs)
}

function read(url: string): string {
  const { status, body } = ask({ url })
  return status === 200 ? Buffer.from(body).toString('utf8') : String(status)
}

describe('the tree', () => {
  test.each([
    ['/latest/meta-data/instance-id', 'i-one'],
    ['/2016-01-01/meta-data/instance-id', 'i-one'],
    ['/latest/meta-data/instance-id/', 'i-one'],
    ['/latest/meta-data/zone-id?x=1', 'cn-hangzhou-b'],
    ['/latest/meta-data/owner-account-id', '1234567890123456'],
    ['/latest/meta-data/instance/', 'instance-type'],
    ['/latest/meta-data/instance/instance-type', 'ecs.t5-lc2m1.nano'],
    ['/latest/meta-data/network/interfaces/macs/', '00:16:3e:00:00:05/'],
    ['/latest/meta-data/network/interfaces/macs/00:16:3e:00:00:05/netmask', '255.255.255.0'],
    ['/latest/meta-data/network/interfaces/macs/00:16:3e:00:00:05/private-ipv4s', '["10.0.0.5","10.0.0.6"]'],
    ['/latest/meta-data/public-keys/', '0=login'],
    ['/latest/meta-data/public-keys/0/', 'openssh-key'],
    ['/latest/meta-data/public-keys/0/openssh-key', 'ssh-ed25519 AAAA someone'],
    ['/latest/meta-data/dns-conf/nameservers', '100.100.2.136\n100.100.2.138'],
    ['/latest/user-data', '#!/bin/sh\n'],
    ['/latest/maintenance/active-system-events', '[]'],
    ['/latest/', 'dynamic/\nmaintenance/\nmeta-data/\nuser-data'],
    ['/latest/meta-data/ram/security-credentials/', '404'],
    ['/latest/meta-data/constructor', '404'],
    ['/latest/meta-data/instance-id/more', '404'],
    ['/1999-01-01/meta-data/', '404'],
    ['/latest/%zz', '400'],
  ])('%s', (url, expected) => expect(read(url)).toBe(expected))

  test('credentials of the role are found by its name', () => {
    const ramRole = {
      name: 'reader',
      accessKeyId: 'STS.x',
      accessKeySecret: 'y',
      securityToken: 'z',
      expiration: '2018-01-01T01:00:00Z',
      lastUpdated: '2018-01-01T00:00:00Z',
    }
    const path = '/latest/meta-data/ram/security-credentials/'
    expect(ask({ url: path }, { ...machine, ramRole })).toEqual({ status: 200, body: 'reader' })
    const { body } = ask({ url: `${path}reader` }, { ...machine, ramRole })
    expect(JSON.parse(String(body))).toEqual({
      Code: 'Success',
      AccessKeyId: 'STS.x',
      AccessKeySecret: 'y',
      SecurityToken: 'z',
      Expiration: '2018-01-01T01:00:00Z',
      LastUpdated: '2018-01-01T00:00:00Z',
    })
    expect(ask({ url: `${path}reader` }, { ...machine, ramRole, httpTokens: 'required' }).status).toBe(403)
  })

  test('the identity document names the instance', () => {
    expect(JSON.parse(read('/latest/dynamic/instance-identity/document'))).toMatchObject({
      'instance-id': 'i-one',
      'region-id': 'cn-hangzhou',
      'owner-account-id': '1234567890123456',
    })
  })

  test('a machine without user data and keys has none', () => {
    const bare = { ...machine, userData: '', publicKeys: [] }
    expect(ask({ url: '/latest/user-data' }, bare).status).toBe(404)
    expect(ask({ url: '/latest/meta-data/' }, bare).body).not.toContain('public-keys')
  })
})

describe('session tokens', () => {
  const put = (headers: Record<string, string>) => ask({ method: 'PUT', url: '/latest/api/token', headers })
  const ttl = (seconds: string) => ({ 'x-aliyun-ecs-metadata-token-ttl-seconds': seconds })
  const strict = { ...machine, httpTokens: 'required' as const }
  const url = '/latest/meta-data/mac'

  test('where a token is required, only a valid one opens', () => {
    const token = Buffer.from(put(ttl('60')).body).toString()
    expect(ask({ url }, strict).status).toBe(403)
    expect(ask({ url, headers: { 'x-aliyun-ecs-metadata-token': token } }, strict).status).toBe(200)
    expect(ask({ url, headers: { 'x-aliyun-ecs-metadata-token': `${token}x` } }, strict).status).toBe(401)
  })

  test('a token ends with its time, and serves no other instance', () => {
    const token = tokens.issue('i-one', 60, nowMs)
    expect(tokens.isValid(token, 'i-one', nowMs + 59_999)).toBe(true)
    expect(tokens.isValid(token, 'i-one', nowMs + 60_000)).toBe(false)
    expect(tokens.isValid(token, 'i-two', nowMs)).toBe(false)
    expect(new TokenMint(Buffer.alloc(32, 8)).isValid(token, 'i-one', nowMs)).toBe(false)
  })

  test.each([
    ['no life', {}, 400],
    ['a life of none', ttl('0'), 400],
    ['too long a life', ttl('21601'), 400],
    ['the longest life', ttl('21600'), 200],
    ['no number', ttl('1e3'), 400],
    ['a proxy in between', { ...ttl('60'), 'x-forwarded-for': '10.0.0.9' }, 403],
  ])('asked with %s', (_name, headers, status) => expect(put(headers).status).toBe(status))
})

test('strangers, other methods and a switched-off service are refused', () => {
  expect(answerMetadata({ method: 'GET', url: '/latest/', headers: {} }, undefined, tokens, nowMs).status).toBe(404)
  expect(ask({ method: 'POST', url: '/latest/' }).status).toBe(405)
  expect(ask({ method: 'PUT', url: '/latest/' }).status).toBe(405)
  expect(ask({ url: '/latest/' }, { ...machine, httpEndpoint: 'disabled' }).status).toBe(403)
})
