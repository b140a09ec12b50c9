/** What a policy denies of key pairs and instances holds also where parameters name several as JSON. */
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let user: TestAccount
beforeAll(async () => {
  cloud = await startTestCloud()
  const ok = async (product: string, action: string, parameters: Record<string, string>) => {
    const answer = await cloud.call(product, action, parameters)
    expect(answer.status, `${action}: ${JSON.stringify(answer.body)}`).toBe(200)
    return answer.body as Record<string, Record<string, string>>
  }
  for (const KeyPairName of ['prod', 'mine']) await ok('Ecs', 'CreateKeyPair', { KeyPairName })
  await ok('Ram', 'CreateUser', { UserName: 'u' })
  const Statement = [
    { Effect: 'Allow', Action: 'ecs:*', Resource: '*' },
    { Effect: 'Deny', Action: 'ecs:*', Resource: ['acs:ecs:*:*:keypair/prod', 'acs:ecs:*:*:instance/i-prod'] },
  ]
  const PolicyDocument = JSON.stringify({ Version: '1', Statement })
  await ok('Ram', 'CreatePolicy', { PolicyName: 'p', PolicyDocument })
  await ok('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'p', UserName: 'u' })
  const key = (await ok('Ram', 'CreateAccessKey', { UserName: 'u' }))['AccessKey']!
  user = cloud.as({ accessKeyId: key['AccessKeyId']!, accessKeySecret: key['AccessKeySecret']! })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const codeOf = async (action: string, parameters: Record<string, string>): Promise<unknown> =>
  ((await user.call('Ecs', action, parameters)).body as { Code?: string }).Code

test('DeleteKeyPairs is about each pair it names', async () => {
  expect(await codeOf('DeleteKeyPairs', { KeyPairNames: '["mine","prod"]' })).toBe('Forbidden.RAM')
  expect(await codeOf('DeleteKeyPairs', { KeyPairNames: 'x' })).toBe('InvalidInstanceIds.Malformed')
  expect(await codeOf('DeleteKeyPairs', { KeyPairNames: '["other"]' })).toBeUndefined()
})

test.each(['AttachKeyPair', 'DetachKeyPair'])('%s is about each instance it names', async (action) => {
  expect(await codeOf(action, { KeyPairName: 'mine', InstanceIds: '["i-prod"]' })).toBe('Forbidden.RAM')
  expect(await codeOf(action, { KeyPairName: 'prod', InstanceIds: '["i-1"]' })).toBe('Forbidden.RAM')
  expect(await codeOf(action, { KeyPairName: 'mine', InstanceIds: '["i-1"]' })).toBe('InvalidInstanceId.NotFound')
})
