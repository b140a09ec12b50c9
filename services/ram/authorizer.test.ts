import { systemClock } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import type { Principal } from '@pileus/kernel/ports'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let user: Principal

beforeAll(async () => {
  cloud = await startTestCloud()
  const { body } = await cloud.call('Ram', 'CreateUser', { UserName: 'u' })
  const accountId = cloud.accountId as AccountId
  user = { kind: 'user', accountId, accessKeyId: 'LTAIx', userId: body.User.UserId, userName: 'u' }
  const PolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'oss:*', Resource: 'acs:oss:*:*:bucket/public/*' }],
  })
  await cloud.call('Ram', 'CreatePolicy', { PolicyName: 'public', PolicyDocument })
  await cloud.call('Ram', 'AttachPolicyToUser', { UserName: 'u', PolicyName: 'public', PolicyType: 'Custom' })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

function ask(principal: Principal, resources: string[]) {
  const conditions = { 'acs:CurrentTime': systemClock.now().toISOString() }
  return cloud.running.services.ram.authorizer.authorize({ principal, action: 'oss:PutObject', resources, conditions })
}

test('roots, and users whose policies are known, are decided without waiting', async () => {
  const root: Principal = { kind: 'root', accountId: cloud.accountId as AccountId, accessKeyId: cloud.accessKeyId }
  expect(ask(root, ['acs:oss:*:1:bucket/a'])).toEqual({ kind: 'allowed' })
  await cloud.eventually('the policies being remembered', async () => {
    await ask(user, ['acs:oss:*:1:bucket/public/a'])
    return !(ask(user, ['acs:oss:*:1:bucket/public/a']) instanceof Promise)
  })
  expect(ask(user, ['acs:oss:*:1:bucket/public/a'])).toEqual({ kind: 'allowed' })
})

test('all resources must be allowed', async () => {
  const kind = async (resources: string[]) => (await ask(user, resources)).kind
  expect(await kind(['acs:oss:*:1:bucket/public/a', 'acs:oss:*:1:bucket/public/b'])).toBe('allowed')
  expect(await kind(['acs:oss:*:1:bucket/public/a', 'acs:oss:*:1:bucket/secret'])).toBe('denied')
  expect(await kind([])).toBe('denied')
})

test('a name that holds an ARN does not stand for it', async () => {
  const decision = await ask(user, ['acs:oss:*:1:bucket/secret:acs:oss:*:1:bucket/public/a'])
  expect(decision.kind).toBe('denied')
})

test('nobody is denied', async () => {
  const nobody: Principal = { kind: 'anonymous', accountId: '' as AccountId, accessKeyId: '' }
  const decision = await ask(nobody, ['acs:oss:*:1:bucket/public/a'])
  expect(decision).toMatchObject({ kind: 'denied', detail: { NoPermissionType: 'ImplicitDeny' } })
})
