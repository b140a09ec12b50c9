import { expect, test } from 'vitest'
import { compilePolicy, evaluatePolicies, type PolicyQuestion, type Verdict } from './evaluate.ts'

const instance = 'acs:ecs:cn-hangzhou:1234567890123456:instance/i-1'
const username = `\${${'acs:Username'}}`
const values = {
  'acs:SourceIp': '10.1.2.3',
  'acs:SecureTransport': 'true',
  'acs:CurrentTime': '2026-03-01T10:00:00Z',
  'acs:UserAgent': 'aliyun-cli/3',
  'acs:TagKeys': ['env', 'team'],
}

function judge(statements: object[], question: Partial<PolicyQuestion> = {}): Verdict {
  const policy = compilePolicy(JSON.stringify({ Version: '1', Statement: statements }))
  return evaluatePolicies([policy], { action: 'ecs:RunInstances', resource: instance, conditions: values, ...question })
}

test('nothing is allowed unless a statement allows it, and a deny wins over any allow', () => {
  const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' }
  const denyRun = { Effect: 'Deny', Action: 'ecs:Run*', Resource: '*' }
  expect(judge([{ Effect: 'Allow', Action: 'vpc:*', Resource: '*' }])).toBe('none')
  expect(judge([allowAll])).toBe('allow')
  expect(judge([allowAll, denyRun])).toBe('deny')
  expect(judge([denyRun, allowAll])).toBe('deny')
})

test('a policy that is attached beside another denies for both', () => {
  const allow = compilePolicy('{"Version":"1","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
  const deny = compilePolicy('{"Version":"1","Statement":{"Effect":"Deny","Action":"ecs:*","Resource":"*"}}')
  const question = { action: 'ecs:StopInstance', resource: instance, conditions: {} }
  expect(evaluatePolicies([allow, deny], question)).toBe('deny')
  expect(evaluatePolicies([allow], question)).toBe('allow')
  expect(evaluatePolicies([], question)).toBe('none')
})

test('actions match in any case, NotAction matches all others', () => {
  expect(judge([{ Effect: 'Allow', Action: ['ECS:runinstances'], Resource: '*' }])).toBe('allow')
  expect(judge([{ Effect: 'Allow', NotAction: 'ecs:Run*', Resource: '*' }])).toBe('none')
  expect(judge([{ Effect: 'Allow', NotAction: ['ram:*', 'sts:*'], Resource: '*' }])).toBe('allow')
})

test('resources match part by part', () => {
  const allow = (resource: string) => judge([{ Effect: 'Allow', Action: '*', Resource: resource }])
  expect(allow('acs:ecs:*:*:instance/*')).toBe('allow')
  expect(allow('acs:ecs:cn-hangzhou:1234567890123456:instance/i-1')).toBe('allow')
  expect(allow('acs:ecs:*:*:instance/i-2')).toBe('none')
  expect(allow('acs:ecs:cn-beijing:*:*')).toBe('none')
  expect(allow('acs:ecs:*:9999999999999999:*')).toBe('none')
  expect(allow('acs:vpc:*:*:*')).toBe('none')
  const spanning = judge([{ Effect: 'Allow', Action: '*', Resource: 'acs:ecs:*:1:*' }], {
    resource: 'acs:ecs:cn-hangzhou:2:disk/x:1:y',
  })
  expect(spanning).toBe('none')
})

test('a resource of no region is the same with a star or nothing in its place', () => {
  const role = { action: 'sts:AssumeRole', resource: 'acs:ram:*:1:role/a' }
  expect(judge([{ Effect: 'Allow', Action: '*', Resource: 'acs:ram::1:role/a' }], role)).toBe('allow')
  expect(judge([{ Effect: 'Allow', Action: '*', Resource: 'acs:ram:*:1:role/a' }], role)).toBe('allow')
  expect(judge([{ Effect: 'Allow', Action: '*', Resource: 'acs:ram:cn-hangzhou:1:role/a' }], role)).toBe('none')
})

test('NotResource matches all but the resources it names', () => {
  expect(judge([{ Effect: 'Allow', Action: '*', NotResource: 'acs:ecs:*:*:instance/i-1' }])).toBe('none')
  expect(judge([{ Effect: 'Allow', Action: '*', NotResource: 'acs:ecs:*:*:instance/i-2' }])).toBe('allow')
})

const holding: [operator: string, key: string, value: unknown, holds: boolean][] = [
  ['StringEquals', 'acs:UserAgent', 'aliyun-cli/3', true],
  ['StringEquals', 'acs:useragent', ['x', 'aliyun-cli/3'], true],
  ['StringEquals', 'acs:UserAgent', 'Aliyun-CLI/3', false],
  ['StringEqualsIgnoreCase', 'acs:UserAgent', 'Aliyun-CLI/3', true],
  ['StringNotEquals', 'acs:UserAgent', ['x', 'aliyun-cli/3'], false],
  ['StringNotEquals', 'acs:UserAgent', ['x', 'y'], true],
  ['StringNotEqualsIgnoreCase', 'acs:UserAgent', 'ALIYUN-CLI/3', false],
  ['StringLike', 'acs:UserAgent', 'aliyun-*', true],
  ['StringNotLike', 'acs:UserAgent', 'aliyun-*', false],
  ['Bool', 'acs:SecureTransport', 'true', true],
  ['Bool', 'acs:SecureTransport', true, true],
  ['Bool', 'acs:SecureTransport', 'false', false],
  ['IpAddress', 'acs:SourceIp', '10.0.0.0/8', true],
  ['IpAddress', 'acs:SourceIp', ['192.168.0.0/16', '10.1.2.3'], true],
  ['IpAddress', 'acs:SourceIp', '10.1.2.4', false],
  ['IpAddress', 'acs:SourceIp', '::/0', false],
  ['NotIpAddress', 'acs:SourceIp', ['192.168.0.0/16'], true],
  ['NotIpAddress', 'acs:SourceIp', ['192.168.0.0/16', '10.0.0.0/8'], false],
  ['DateLessThan', 'acs:CurrentTime', '2026-03-01T18:00:01+08:00', true],
  ['DateLessThan', 'acs:CurrentTime', '2026-03-01T18:00:00+08:00', false],
  ['DateLessThanEquals', 'acs:CurrentTime', '2026-03-01T18:00:00+08:00', true],
  ['DateGreaterThan', 'acs:CurrentTime', '2026-03-01', true],
  ['DateEquals', 'acs:CurrentTime', '2026-03-01T10:00:00Z', true],
  ['DateNotEquals', 'acs:CurrentTime', '2026-03-01T10:00:00Z', false],
  // Keys that the request does not have.
  ['Bool', 'acs:MFAPresent', 'true', false],
  ['Bool', 'acs:MFAPresent', 'false', false],
  ['BoolIfExists', 'acs:MFAPresent', 'true', true],
  ['StringNotEquals', 'acs:RequestTag/env', 'prod', true],
  ['StringEquals', 'acs:RequestTag/env', 'prod', false],
  ['Null', 'acs:RequestTag/env', 'true', true],
  ['Null', 'acs:RequestTag/env', false, false],
  ['Null', 'acs:UserAgent', 'true', false],
  ['Null', 'acs:UserAgent', 'false', true],
  ['ForAnyValue:StringLike', 'acs:RequestTag/env', '*', false],
  ['ForAllValues:StringLike', 'acs:RequestTag/env', 'x', true],
  // Keys with one value and with several.
  ['ForAnyValue:StringEquals', 'acs:UserAgent', 'aliyun-cli/3', true],
  ['ForAnyValue:StringEquals', 'acs:TagKeys', ['env', 'x'], true],
  ['ForAnyValue:StringEquals', 'acs:TagKeys', 'x', false],
  ['ForAllValues:StringEquals', 'acs:TagKeys', ['env'], false],
  ['ForAllValues:StringEquals', 'acs:TagKeys', ['env', 'team'], true],
  ['ForAllValues:StringNotEquals', 'acs:TagKeys', ['x'], true],
  ['ForAnyValue:StringNotEquals', 'acs:TagKeys', ['env'], true],
  ['ForAnyValue:StringLikeIfExists', 'acs:TagKeys', 't*', true],
]

test.each(holding)('the condition %s %s %j holds: %s', (operator, key, value, holds) => {
  const when = { Action: '*', Resource: '*', Condition: { [operator]: { [key]: value } } }
  expect(judge([{ Effect: 'Allow', ...when }])).toBe(holds ? 'allow' : 'none')
  expect(judge([{ Effect: 'Deny', ...when }])).toBe(holds ? 'deny' : 'none')
})

const unknown: [operator: string, key: string, value: unknown][] = [
  ['StringSoundsLike', 'acs:UserAgent', 'aliyun-cli/3'],
  ['ForSomeValues:StringEquals', 'acs:UserAgent', 'aliyun-cli/3'],
  ['NullIfExists', 'acs:UserAgent', 'true'],
  ['constructor', 'acs:UserAgent', 'aliyun-cli/3'],
  ['StringEquals', 'rds:Flavour', 'true'],
  ['StringNotEquals', 'rds:Flavour', 'true'],
  ['Null', 'rds:Flavour', 'true'],
  ['StringEqualsIfExists', 'rds:Flavour', 'true'],
  ['StringNotEquals', 'acs:ResourceTag/env', 'prod'],
  ['Null', 'acs:UserAgent', 'maybe'],
  ['StringEquals', 'constructor', 'x'],
  ['StringEquals', 'acs:UserAgent', username],
  ['Bool', 'acs:SecureTransport', 'maybe'],
  ['IpAddress', 'acs:SourceIp', '10.0.0.0/33'],
  ['NotIpAddress', 'acs:SourceIp', 'everywhere'],
  ['NumericLessThan', 'acs:UserAgent', 5],
  ['DateLessThan', 'acs:CurrentTime', 'tomorrow'],
]

test.each(unknown)('what is not understood (%s %s %j) never allows and always denies', (operator, key, value) => {
  const when = { Action: '*', Resource: '*', Condition: { [operator]: { [key]: value } } }
  expect(judge([{ Effect: 'Allow', ...when }])).toBe('none')
  expect(judge([{ Effect: 'Deny', ...when }])).toBe('deny')
})

test('a statement needs all its conditions', () => {
  const both = (bool: string) => ({
    Action: '*',
    Resource: '*',
    Condition: { Bool: { 'acs:SecureTransport': bool }, IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } },
  })
  expect(judge([{ Effect: 'Allow', ...both('true') }])).toBe('allow')
  expect(judge([{ Effect: 'Allow', ...both('false') }])).toBe('none')
})

test('an IPv4 caller of a dual-stack socket is in IPv4 networks, an IPv6 one in IPv6 networks', () => {
  const from = (ip: string, network: string) =>
    judge([{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { IpAddress: { 'acs:SourceIp': network } } }], {
      conditions: { 'acs:SourceIp': ip },
    })
  expect(from('::ffff:10.1.1.1', '10.0.0.0/8')).toBe('allow')
  expect(from('2001:db8::1', '2001:db8::/32')).toBe('allow')
  expect(from('2001:db9::1', '2001:db8::/32')).toBe('none')
})

test('a variable stands for the text of its key, in which wildcards are none', () => {
  const home = [{ Effect: 'Allow', Action: '*', Resource: `acs:oss:*:*:homes/${username}/*` }]
  const ask = (name: string, resource: string) =>
    judge(home, { resource: `acs:oss:*:1:${resource}`, conditions: { 'acs:Username': name } })
  expect(ask('alice', 'homes/alice/x')).toBe('allow')
  expect(ask('alice', 'homes/bob/x')).toBe('none')
  expect(ask('*', 'homes/bob/x')).toBe('none')
  expect(judge(home, { resource: 'acs:oss:*:1:homes/alice/x' })).toBe('none')
  expect(judge([{ ...home[0], Effect: 'Deny' }], { resource: 'acs:oss:*:1:homes/alice/x' })).toBe('deny')
  const like = { StringLike: { 'oss:Prefix': `${username}/*` } }
  const list = [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: like }]
  expect(judge(list, { conditions: { 'acs:Username': 'a?', 'oss:Prefix': 'a?/b' } })).toBe('allow')
  expect(judge(list, { conditions: { 'acs:Username': 'a?', 'oss:Prefix': 'ab/b' } })).toBe('none')
})

test('tags of a resource count when they were looked up', () => {
  const untagged = { StringNotEquals: { 'acs:ResourceTag/env': 'prod' } }
  const ask = (conditions: Record<string, string>) =>
    judge([{ Effect: 'Allow', Action: '*', Resource: '*', Condition: untagged }], { conditions })
  expect(ask({})).toBe('none')
  expect(ask({ 'acs:ResourceTag/*': '' })).toBe('allow')
  expect(ask({ 'acs:ResourceTag/*': '', 'acs:ResourceTag/env': 'prod' })).toBe('none')
})
