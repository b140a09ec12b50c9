import { type LiteralQuestion, type LiteralStatement, readLiterally } from '@pileus/testkit/literal-policy'
import { expect, test } from 'vitest'
import { compilePolicy, evaluatePolicies, type Verdict } from './domain/policy/evaluate.ts'
import { createPolicySet } from './domain/policy/policy-set.ts'

// `npm run policies:million` asks for a million pairs.
const pairs = Number(process.env['PILEUS_POLICY_PAIRS'] ?? 30_000)
const seed = Number(process.env['PILEUS_POLICY_SEED'] ?? Date.now() % 2 ** 32)
const source = { policyType: 'Custom', policyName: 'p', version: 'v1', attachedTo: 'user' } as const

test(
  `${pairs} random policies and questions are decided as a literal reading of the language does`,
  () => {
    const random = randomFrom(seed)
    const seen: Record<Verdict, number> = { allow: 0, deny: 0, none: 0 }
    for (let pair = 0; pair < pairs; pair++) {
      const documents = many(random, 0, 3, () => many(random, 1, 3, () => newStatement(random)))
      const asked = newQuestion(random)
      const compiled = documents.map((list) => compilePolicy(JSON.stringify({ Version: '1', Statement: list })))
      const literal = readLiterally(documents.flat(), asked)
      const verdict = evaluatePolicies(compiled, asked)
      const set = createPolicySet(compiled.map((policy) => ({ policy, source })))
      const deciding = set.decide(asked)
      const bySet = deciding === undefined ? 'none' : deciding.allows ? 'allow' : 'deny'
      if (verdict !== literal || bySet !== literal) {
        const facts = { seed, pair, documents, asked, literal, verdict, bySet }
        expect.fail(`they differ: ${JSON.stringify(facts, null, 1)}`)
      }
      seen[literal] += 1
    }
    // All three answers are common, or the pairs would say little.
    for (const [verdict, count] of Object.entries(seen)) expect(count / pairs, verdict).toBeGreaterThan(0.05)
  },
  60_000 + pairs,
)

type Random = () => number

/** Mulberry32. */
function randomFrom(start: number): Random {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

function many<T>(random: Random, min: number, max: number, make: () => T): T[] {
  return Array.from({ length: min + Math.floor(random() * (max - min + 1)) }, make)
}

const patterns = ['a', 'b', 'ab', '*', '*', 'a*', '?', '*b', 'a?', 'A'] as const
const plains = ['a', 'b', 'ab', 'A', 'aab', '*'] as const
const variable = (key: string) => `\${${key}}`
const username = variable('acs:Username')
const bound = [username, `x${variable('acs:userid')}*`, `${username}?`, variable('rds:None')]
const keys = [
  'acs:Username',
  'acs:MFAPresent',
  'acs:SourceIp',
  'acs:CurrentTime',
  'oss:MaxKeys',
  'acs:TagKeys',
  'rds:None',
]
const knownKeys = [...keys.slice(0, -1), 'acs:userid'].map((key) => key.toLowerCase())

const valuesOfKey: Readonly<Record<string, readonly string[]>> = {
  'acs:Username': plains,
  'acs:UserId': plains,
  'acs:MFAPresent': ['true', 'false', 'True', 'maybe'],
  'acs:SourceIp': ['10.0.0.1', '10.200.0.1', '192.168.7.7', '2001:db8::1', '2001:db9:1::', 'nowhere'],
  'acs:CurrentTime': [
    '2026-03-01T10:00:00Z',
    '2026-03-01',
    '2026-03-01T18:00:00+08:00',
    '2030-01-01T00:00:00Z',
    'soon',
  ],
  'oss:MaxKeys': ['1', '10', '10.0', '-3', 'many'],
  'acs:TagKeys': plains,
  'rds:None': plains,
}
const wantedOfKey: typeof valuesOfKey = {
  ...valuesOfKey,
  'acs:Username': [...patterns, ...bound],
  'acs:TagKeys': [...patterns, ...bound],
  'acs:SourceIp': ['10.0.0.0/8', '10.0.0.1', '0.0.0.0/0', '10.128.0.0/9', '2001:db8::/32', '::/0', '10.0.0.0/33'],
}
const strings = ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringLike', 'StringNotLike']
const order = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
const operatorsOfKey: Readonly<Record<string, readonly string[]>> = {
  'acs:MFAPresent': ['Bool', 'Null'],
  'acs:SourceIp': ['IpAddress', 'NotIpAddress'],
  'acs:CurrentTime': order.map((one) => `Date${one}`),
  'oss:MaxKeys': order.map((one) => `Numeric${one}`),
}

function newStatement(random: Random): LiteralStatement {
  const some = (make: () => string) => (random() < 0.5 ? make() : many(random, 1, 3, make))
  const action = () => (random() < 0.2 ? '*' : `${pick(random, patterns)}:${pick(random, patterns)}`)
  const resource = () => {
    if (random() < 0.4) return '*'
    const last = random() < 0.15 ? pick(random, bound) : pick(random, patterns)
    return `acs:${pick(random, patterns)}:${pick(random, [...patterns, ''])}:${pick(random, patterns)}:${last}`
  }
  const Condition: Record<string, Record<string, string | string[]>> = {}
  while (random() < 0.4) {
    const key = pick(random, keys)
    const name = pick(random, operatorsOfKey[key] ?? strings)
    const operator =
      name === 'Null'
        ? name
        : `${pick(random, ['', '', '', 'ForAnyValue:', 'ForAllValues:'])}${name}${random() < 0.2 ? 'IfExists' : ''}`
    const asked = random() < 0.1 ? key.toUpperCase() : key
    Condition[random() < 0.05 ? 'StringSoundsLike' : operator] = {
      [asked]: some(() => pick(random, wantedOfKey[key] ?? [])),
    }
  }
  return {
    Effect: random() < 0.7 ? 'Allow' : 'Deny',
    [random() < 0.85 ? 'Action' : 'NotAction']: some(action),
    [random() < 0.85 ? 'Resource' : 'NotResource']: some(resource),
    ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
  }
}

function newQuestion(random: Random): LiteralQuestion {
  const conditions: Record<string, string | string[]> = {}
  for (const key of [...keys, 'acs:UserId']) {
    if (random() < 0.4 || key === 'rds:None') continue
    const value = () => pick(random, valuesOfKey[key] ?? [])
    conditions[key] = key === 'acs:TagKeys' ? many(random, 0, 3, value) : value()
  }
  const region = pick(random, [...plains, ''])
  return {
    action: `${pick(random, plains)}:${pick(random, plains)}`,
    resource: `acs:${pick(random, plains)}:${region}:${pick(random, plains)}:${pick(random, ['a', 'b:a', 'xab', 'xa'])}`,
    conditions,
    knownKeys,
  }
}
