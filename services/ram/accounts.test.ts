import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount, ensureRootAccount, readAccessKeySecret } from './accounts.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

test('the first account is made once, and its secret is given once', async () => {
  const { store, secretBox, clock } = cloud.running
  const again = await Promise.all([1, 2, 3].map(() => ensureRootAccount(store, secretBox, { clock })))
  for (const account of again) {
    expect(account).toEqual({ accountId: cloud.accountId, accessKeyId: cloud.accessKeyId })
  }
  expect(await readAccessKeySecret(store, secretBox, cloud.accessKeyId)).toBe(cloud.accessKeySecret)
  await expect(readAccessKeySecret(store, secretBox, 'LTAInone')).rejects.toThrow('there is no access key')
})

test('an account whose own keys are all gone or disabled gets another at the next start', async () => {
  const { store, secretBox, clock } = cloud.running
  await cloud.call('Ram', 'UpdateAccessKey', { UserAccessKeyId: cloud.accessKeyId, Status: 'Inactive' })
  const fresh = await ensureRootAccount(store, secretBox, { clock })
  expect(fresh.accountId).toBe(cloud.accountId)
  expect(fresh.accessKeyId).not.toBe(cloud.accessKeyId)
  const { accessKeyId, accessKeySecret = '' } = fresh
  const { body } = await cloud.as({ accessKeyId, accessKeySecret }).call('Sts', 'GetCallerIdentity')
  expect(body.IdentityType).toBe('Account')
})

test('accounts have 16 digits and keys of their own', async () => {
  const { store, secretBox, clock } = cloud.running
  const account = await createAccount(store, secretBox, { clock })
  expect(account.accountId).toMatch(/^\d{16}$/)
  expect(account.accountId).not.toBe(cloud.accountId)
  const { body } = await cloud.as(account).call('Sts', 'GetCallerIdentity')
  expect(body.AccountId).toBe(account.accountId)
})

test('racing requests keep names unique and limits kept', async () => {
  const account = await cloud.newAccount()
  const statuses = async (action: string, parameters: Record<string, string>, count: number) => {
    const calls = Array.from({ length: count }, () => account.call('Ram', action, parameters))
    return (await Promise.all(calls)).map(({ status, body }) => `${status} ${body.Code ?? ''}`.trim()).sort()
  }
  const made = await statuses('CreateUser', { UserName: 'racer' }, 8)
  expect(made).toEqual(['200', ...Array(7).fill('409 EntityAlreadyExists.User')])
  const keys = await statuses('CreateAccessKey', { UserName: 'racer' }, 8)
  expect(keys).toEqual(['200', '200', ...Array(6).fill('409 LimitExceeded.User.AccessKey')])
  const groups = await Promise.all(
    Array.from({ length: 55 }, (_, n) => account.call('Ram', 'CreateGroup', { GroupName: `g${n}` })),
  )
  expect(groups.filter(({ status }) => status === 200).length).toBe(50)
  const refused = groups.filter(({ status }) => status !== 200).map(({ body }) => body.Code)
  expect(new Set(refused)).toEqual(new Set(['LimitExceeded.Group']))
})

test('a policy is never left attached to what is deleted meanwhile', async () => {
  const account = await cloud.newAccount()
  const document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:*","Resource":"*"}]}'
  for (let round = 0; round < 8; round++) {
    const named = { UserName: `u${round}`, PolicyName: `p${round}`, PolicyType: 'Custom' }
    await account.call('Ram', 'CreateUser', named)
    await account.call('Ram', 'CreatePolicy', { ...named, PolicyDocument: document })
    await Promise.all([
      account.call('Ram', 'AttachPolicyToUser', named),
      account.call('Ram', 'DeletePolicy', named),
      account.call('Ram', 'DeleteUser', named),
    ])
  }
  const { rows } = await cloud.running.store.pool.query(
    `select attached.* from ram.attachments attached
     left join ram.users person on person.user_id = attached.entity_id
     left join ram.policies policy on policy.policy_name = attached.policy_name
       and policy.account_id = attached.account_id
     where attached.account_id = $1 and (person.user_id is null or policy.policy_id is null)`,
    [account.accountId],
  )
  expect(rows).toEqual([])
})
