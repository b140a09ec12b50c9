import { ApiError } from '@pileus/kernel/errors'
import { expect, test } from 'vitest'
import { listSystemPolicies } from '../system-policies.ts'
import { maxDocumentLength, parsePolicy } from './document.ts'

const good = { Effect: 'Allow', Action: 'ecs:*', Resource: '*' }
const faulty: [what: string, document: unknown, names: string][] = [
  ['text', 'hello', 'JSON'],
  ['a list', [], 'object'],
  ['no version', { Statement: [good] }, 'Version'],
  ['another version', { Version: '2012-10-17', Statement: [good] }, 'Version'],
  ['no statement', { Version: '1' }, 'Statement'],
  ['no statements', { Version: '1', Statement: [] }, 'Statement'],
  ['a stray key', { Version: '1', Statement: [good], Id: 'x' }, '"Id"'],
  ['another effect', { Version: '1', Statement: [{ ...good, Effect: 'Maybe' }] }, 'Effect'],
  ['no action', { Version: '1', Statement: [{ Effect: 'Allow', Resource: '*' }] }, 'Action'],
  ['two actions', { Version: '1', Statement: [{ ...good, NotAction: 'x:y' }] }, 'NotAction'],
  ['an action without service', { Version: '1', Statement: [{ ...good, Action: 'RunInstances' }] }, 'RunInstances'],
  ['no resource', { Version: '1', Statement: [{ Effect: 'Allow', Action: '*' }] }, 'Resource'],
  ['a short resource', { Version: '1', Statement: [{ ...good, Resource: 'acs:ecs:*' }] }, 'acs:ecs:*'],
  ['a principal', { Version: '1', Statement: [{ ...good, Principal: { RAM: ['*'] } }] }, 'Principal'],
  ['a list of conditions', { Version: '1', Statement: [{ ...good, Condition: [] }] }, 'Condition'],
  ['a condition of nothing', { Version: '1', Statement: [{ ...good, Condition: { Bool: { k: [] } } }] }, 'Bool.k'],
  ['an operator of its own', { Version: '1', Statement: [{ ...good, Condition: { Sounds: { k: 'v' } } }] }, 'Sounds'],
  ['a Sid of numbers', { Version: '1', Statement: [{ ...good, Sid: 1 }] }, 'Sid'],
  ['a condition of objects', { Version: '1', Statement: [{ ...good, Condition: { Bool: { k: {} } } }] }, 'Bool.k'],
]

test.each(faulty)('a document with %s is refused with a message that says so', (_what, document, names) => {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const error = faultOf(() => parsePolicy(text, 'identity'))
  expect(error.code).toBe('MalformedPolicyDocument')
  expect(error.httpStatus).toBe(400)
  expect(error.message).toContain(names)
})

test('a document that is too long is refused before it is read', () => {
  const error = faultOf(() => parsePolicy('x'.repeat(maxDocumentLength.identity + 1), 'identity', 'NewDocument'))
  expect(error.code).toBe('InvalidParameter.PolicyDocument.Length')
  expect(error.message).toContain('NewDocument')
})

test('a trust policy names principals and no resources', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM: ['acs:ram::1:root'], Service: 'ecs.aliyuncs.com' },
  }
  const [parsed] = parsePolicy(JSON.stringify({ Version: '1', Statement: [statement] }), 'trust')
  expect([...(parsed?.principals?.names ?? [])]).toEqual([
    ['RAM', ['acs:ram::1:root']],
    ['Service', ['ecs.aliyuncs.com']],
  ])
  expect(parsed?.resources).toBeUndefined()
  const nobody = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] }
  expect(faultOf(() => parsePolicy(JSON.stringify(nobody), 'trust')).message).toContain('Principal')
})

test('every system policy follows the language', () => {
  expect(listSystemPolicies().length).toBeGreaterThan(30)
  for (const policy of listSystemPolicies()) {
    expect([policy.name, parsePolicy(policy.document, 'identity').length]).toEqual([policy.name, 1])
  }
})

function faultOf(action: () => unknown): ApiError {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError)
    return error as ApiError
  }
  throw new Error('it was accepted')
}
