import { expect, test } from 'vitest'
import { checkBucketPolicy, type PolicyJudge } from './bucket-policy.ts'

const judge: PolicyJudge = { compile: () => ({ judge: () => 'none' }) }
const policyOn = (resource: string) => {
  const statement = { Effect: 'Allow', Action: ['oss:GetObject'], Principal: ['*'], Resource: [resource] }
  return JSON.stringify({ Version: '1', Statement: [statement] })
}

test('resources are of the bucket, by name or by pattern', () => {
  for (const resource of ['acs:oss:*:1:photos/*', 'acs:oss:*:1:pho?os', 'acs:oss:*:1:*/a', 'acs:oss:*:1:p*o*s']) {
    expect(() => checkBucketPolicy(judge, policyOn(resource), 'photos'), resource).not.toThrow()
  }
  for (const resource of ['acs:oss:*:1:photos2/*', 'acs:oss:*:1:phot?os', 'acs:oss:*:1:ph.tos', 'acs:oss:*:1:p*x*s']) {
    expect(() => checkBucketPolicy(judge, policyOn(resource), 'photos'), resource).toThrow('is not of this bucket')
  }
})

test('a pattern with many stars is judged at once', () => {
  const before = performance.now()
  const policy = policyOn(`acs:oss:*:1:${'*a'.repeat(30)}b/*`)
  expect(() => checkBucketPolicy(judge, policy, 'a'.repeat(63))).toThrow('is not of this bucket')
  expect(performance.now() - before).toBeLessThan(1_000)
})
