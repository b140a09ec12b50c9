import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy, evaluatePolicies, type PolicyQuestion, type Verdict } from './evaluate.ts'

const instance = 'acs:ecs:cn-hangzhou:1234567890123456:instance/i-1'
const values = {
  'acs:SourceIp': '10.1.2.3',
  'acs:SecureTransport': 'true',
  'acs:CurrentTime': '2026-03-01T10:00:00Z',
  'acs:UserAgent': 'aliyun-cli/3',
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
]

test.each(holding)('the condition %s %s %j holds: %s', (operator, key, value, holds) => {
  const when = { Action: '*', Resource: '*', Condition: { [operator]: { [key]: value } } }
  expect(judge([{ Effect: 'Allow', ...when }])).toBe(holds ? 'allow' : 'none')
  expect(judge([{ Effect: 'Deny', ...when }])).toBe(holds ? 'deny' : 'none')
})

const unknown: [operator: string, key: string, value: unknown][] = [
  ['StringSoundsLike', 'acs:UserAgent', 'aliyun-cli/3'],
  ['ForAnyValue:StringEquals', 'acs:UserAgent', 'aliyun-cli/3'],
  ['constructor', 'acs:UserAgent', 'aliyun-cli/3'],
  ['StringEquals', 'acs:MFAPresent', 'true'],
  ['StringNotEquals', 'acs:MFAPresent', 'true'],
  ['StringEquals', 'constructor', 'x'],
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

test('any set of policies decides as a literal reading of the language does', () => {
  const name = fc.constantFrom('a', 'b', 'c', '*', 'a*', '?')
  const action = fc.tuple(name, name).map(([service, verb]) => `${service}:${verb}`)
  const arn = fc.tuple(name, name, name, name).map((parts) => `acs:${parts.join(':')}`)
  const some = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }))
  const condition = fc.dictionary(
    fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'Unheard'),
    fc.dictionary(fc.constantFrom('k', 'l', 'm'), some(name), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    { maxKeys: 2, noNullPrototype: true },
  )
  const statement = fc
    .record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      action: some(action),
      notAction: fc.boolean(),
      resource: some(arn),
      notResource: fc.boolean(),
      Condition: condition,
    })
    .map(
      ({ Effect, action, notAction, resource, notResource, Condition }): LiteralStatement => ({
        Effect: Effect as 'Allow' | 'Deny',
        [notAction ? 'NotAction' : 'Action']: action,
        [notResource ? 'NotResource' : 'Resource']: resource,
        Condition,
      }),
    )
  const plain = fc.constantFrom('a', 'b', 'c', 'ab', 'A')
  const question = fc.record({
    action: fc.tuple(plain, plain).map((parts) => parts.join(':')),
    resource: fc.tuple(plain, plain, plain, plain).map((parts) => `acs:${parts.join(':')}`),
    conditions: fc.dictionary(fc.constantFrom('k', 'l'), plain, { maxKeys: 2, noNullPrototype: true }),
  })
  const policies = fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { maxLength: 3 })
  const seen = new Set<Verdict>()
  fc.assert(
    fc.property(policies, question, (documents, asked) => {
      const compiled = documents.map((list) => compilePolicy(JSON.stringify({ Version: '1', Statement: list })))
      const verdict = evaluatePolicies(compiled, asked)
      seen.add(verdict)
      expect(verdict).toBe(readLiterally(documents.flat(), asked))
    }),
    { numRuns: 3_000 },
  )
  expect([...seen].sort()).toEqual(['allow', 'deny', 'none'])
})

type Strings = string | string[]
interface LiteralStatement {
  Effect: 'Allow' | 'Deny'
  Action?: Strings
  NotAction?: Strings
  Resource?: Strings
  NotResource?: Strings
  Condition: Record<string, Record<string, Strings>>
}

/** The language as it is described, without any care for speed. */
function readLiterally(statements: LiteralStatement[], asked: PolicyQuestion): Verdict {
  const list = (strings: Strings | undefined) => [strings ?? []].flat()
  const like = (pattern: string, text: string) =>
    new RegExp(
      `^${[...pattern].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\x${c.charCodeAt(0).toString(16)}`)).join('')}$`,
    ).test(text)
  const arnLike = (pattern: string) =>
    pattern.split(':').every((part, index) => like(part, asked.resource.split(':')[index] ?? ''))
  const holds = (statement: LiteralStatement): boolean => {
    const answers = Object.entries(statement.Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => {
        const actual = asked.conditions[key]
        if (actual === undefined || operator === 'Unheard') return 'unknown'
        const one = (value: string) => (operator.endsWith('Like') ? like(value, actual) : value === actual)
        return list(wanted).some(one) !== operator.includes('Not')
      }),
    )
    return !answers.includes(false) && (statement.Effect === 'Deny' || !answers.includes('unknown'))
  }
  const applies = (statement: LiteralStatement): boolean => {
    const action = asked.action.toLowerCase()
    const named = list(statement.Action ?? statement.NotAction).some((pattern) => like(pattern.toLowerCase(), action))
    const placed = list(statement.Resource ?? statement.NotResource).some(arnLike)
    return (
      named === (statement.Action !== undefined) && placed === (statement.Resource !== undefined) && holds(statement)
    )
  }
  const matching = statements.filter(applies)
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'deny'
  return matching.length > 0 ? 'allow' : 'none'
}
