import { canonicalJson } from '@pileus/kernel/audit/canonical-json'
import { isHarmless, keptParameters, keptResponse, masked } from '@pileus/kernel/audit/redaction'
import { maxEntryBytes } from '@pileus/kernel/audit/tiles'
import type { AccountId } from '@pileus/kernel/ids'
import type { CallRecord } from '@pileus/kernel/ports'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entryOfCall } from './event.ts'

const accountId = '1234567890123456' as AccountId
const callOf = (change: Partial<CallRecord>): CallRecord => ({
  requestId: 'R',
  at: new Date('2026-11-01T00:00:00Z'),
  durationMs: 1,
  product: 'Vpc',
  action: 'CreateVpc',
  version: '2016-04-28',
  kind: 'write',
  plane: 'management',
  scope: 'region',
  principal: { kind: 'root', accountId, accessKeyId: 'K' },
  accessKeyId: 'K',
  regionId: 'cn-hangzhou',
  host: 'h',
  sourceIp: '127.0.0.1',
  userAgent: 'u',
  secureTransport: false,
  outcome: { httpStatus: 200 },
  resources: [],
  parameters: {},
  ...change,
})

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('a\u0000', '\ud800', '10', '2'))
const record = fc.dictionary(text, text, { maxKeys: 6 })

test('whatever callers send, the entry is canonical JSON that a database stores', () => {
  fc.assert(
    fc.property(record, record, text, fc.boolean(), (parameters, response, userAgent, isRole) => {
      const principal: CallRecord['principal'] = isRole
        ? { kind: 'role', accountId, accessKeyId: 'K', roleId: '1', roleName: 'r', sessionName: userAgent }
        : undefined
      const arns = ['acs:vpc:cn-hangzhou:1:vpc/b', 'acs:ecs:cn-hangzhou:1:instance/a']
      const { body } = entryOfCall(callOf({ parameters, response, userAgent, principal, resources: arns }), 'E', 'r')
      expect(body).toBe(canonicalJson(JSON.parse(body)))
      expect(body).not.toContain('\n')
      expect(body).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab])/)
    }),
  )
})

test('an event that would be longer than an entry of the log gives up parameters first', () => {
  const parameters = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`Name.${n}`, 'ü'.repeat(100)]))
  const { body } = entryOfCall(callOf({ parameters }), 'E', 'cn-hangzhou')
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(maxEntryBytes)
  expect(JSON.parse(body)).toMatchObject({ eventName: 'CreateVpc', userIdentity: { type: 'root-account' } })
})

test('parameters are kept by names that are known to be harmless', () => {
  const kept = keptParameters([
    ['Action', 'X'],
    ['RegionId', 'cn-hangzhou'],
    ['InstanceId.1', 'i-1'],
    ['Tag.1.Key', 'k'],
    ['Tag.1.Value', 'v'],
    ['Password', 'p'],
    ['UserData', 'u'],
    ['CommandContent', 'c'],
    ['Plaintext', 'p'],
    ['SecretData', 's'],
    ['SecretName', 'n'],
    ['SecurityToken', 't'],
    ['ImageOptions.LoginAsNonRoot.Password', 'p'],
    ['SomethingNew', 's'],
    ['Filter.1.Value', 'f'],
  ])
  const shown = ['RegionId', 'InstanceId.1', 'Tag.1.Key', 'Tag.1.Value', 'SecretName']
  expect(Object.keys(kept).filter((name) => kept[name] !== masked)).toEqual(shown)
  expect(Object.keys(kept)).not.toContain('SecurityToken')
  expect(Object.keys(kept)).not.toContain('Action')
  expect(isHarmless('AccessKeySecret')).toBe(false)
})

test('of an answer only ids and names are kept', () => {
  const answer = {
    AccessKey: { AccessKeyId: 'K', AccessKeySecret: 'S', Status: 'Active' },
    InstanceIdSets: { InstanceIdSet: ['i-1', 'i-2'] },
    Credentials: { AccessKeyId: 'STS.K', SecurityToken: 'T' },
    VpcId: 'vpc-1',
  }
  expect(keptResponse(answer)).toEqual({ 'AccessKey.AccessKeyId': 'K', VpcId: 'vpc-1' })
})
