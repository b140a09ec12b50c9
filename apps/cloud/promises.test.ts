/** Promises that every operation must keep, asked of each one that is registered: nobody can forget a new one. */
import { getAction } from '@pileus/contract/contract'
import type { AccountId } from '@pileus/kernel/ids'
import { minimalParameters } from '@pileus/testkit/minimal-request'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from './operations.ts'

/** What anyone may ask, and why. */
const openToAll: Readonly<Record<string, string>> = {
  'Sts GetCallerIdentity': 'says only what the caller already proved',
  'Sts AssumeRoleWithOIDC': 'a token of an issuer proves who asks',
  'Sts AssumeRoleWithSAML': 'a response of a provider proves who asks',
  'Location DescribeEndpoints': 'endpoints are public',
  'Location DescribeEndpoint': 'endpoints are public',
  'Location DescribeRegions': 'endpoints are public',
  'Location DescribeServices': 'endpoints are public',
}

let cloud: TestCloud
let nobody: TestAccount
let denied: TestAccount
let expired: TestAccount

beforeAll(async () => {
  cloud = await startTestCloud()
  nobody = await newUser('nobody', undefined)
  denied = await newUser('denied', {
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: '*', Resource: '*' },
    ],
  })
  expired = newExpiredSession()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** A RAM user with a key and, where a policy is given, that policy. */
async function newUser(name: string, policy: object | undefined): Promise<TestAccount> {
  const model = (action: string, fields: object) => new (sdkModel('@alicloud/ram20150501', `${action}Request`))(fields)
  await cloud.ram.createUser(model('CreateUser', { userName: name }))
  if (policy) {
    await cloud.ram.createPolicy(
      model('CreatePolicy', { policyName: `${name}-policy`, policyDocument: JSON.stringify(policy) }),
    )
    await cloud.ram.attachPolicyToUser(
      model('AttachPolicyToUser', { policyName: `${name}-policy`, policyType: 'Custom', userName: name }),
    )
  }
  const { body } = await cloud.ram.createAccessKey(model('CreateAccessKey', { userName: name }))
  const { accessKeyId = '', accessKeySecret = '' } = body?.accessKey ?? {}
  return cloud.as({ accessKeyId, accessKeySecret })
}

/** A session of a role whose time is over. */
function newExpiredSession(): TestAccount {
  const role = { accountId: cloud.accountId as AccountId, roleId: '300000000000000001', roleName: 'gone' }
  const expiresAt = new Date(cloud.running.clock.now().getTime() - 1_000)
  const session = { role, sessionName: 'gone', expiresAt, sessionPolicy: undefined }
  return cloud.as(cloud.running.services.ram.port.openRoleSession(session))
}

describe.each(operations.map((operation) => ({ operation, name: `${operation.ref.product} ${operation.ref.name}` })))(
  '$name',
  ({ operation, name }) => {
    const { product, version } = operation.ref
    const call = (account: TestAccount, how: object = {}) =>
      account.call(product, operation.ref.name, minimalParameters(getAction(operation.ref)), {
        ...how,
        system: { Version: version },
      })

    test('is known to the contract', () => {
      expect(getAction(operation.ref).name).toBe(operation.ref.name)
    })

    test('refuses a call without a key', async () => {
      const parameters = new URLSearchParams({ Action: operation.ref.name, Version: version })
      const response = await fetch(`http://${cloud.endpoint}/?${parameters}`)
      const body = (await response.json()) as { Code: string }
      if (typeof operation.rules.permission === 'object') expect(body.Code).not.toBe('InternalError')
      else expect(body.Code).toBe('MissingAccessKeyId')
    })

    test('denies a user without a policy, and one with an explicit deny', async () => {
      const [without, explicit] = await Promise.all([call(nobody), call(denied)])
      if (name in openToAll) {
        expect(without.status).toBeLessThan(500)
        return
      }
      expect(without).toMatchObject({ status: 403, body: { AccessDeniedDetail: { NoPermissionType: 'ImplicitDeny' } } })
      expect(explicit).toMatchObject({
        status: 403,
        body: { AccessDeniedDetail: { NoPermissionType: 'ExplicitDeny' } },
      })
    })

    test('refuses a session whose time is over', async () => {
      const { status, body } = await call(expired)
      expect([status, body.Code]).toEqual([400, 'InvalidSecurityToken.Expired'])
    })

    test('says whether it places data, and where', () => {
      const { places } = operation.rules
      if (places === 'nowhere') expect(places).toBe('nowhere')
      else expect(cloud.running.ready.regions).toContain(places({} as never, cloud.regionId))
    })

    test('refuses a region that is not served', async () => {
      const { body, status } = await cloud.call(product, operation.ref.name, {
        ...minimalParameters(getAction(operation.ref)),
        RegionId: 'mars-north-1',
        Version: version,
      })
      if (operation.rules.scope === 'global') expect(body.Code).not.toBe('InternalError')
      else expect([status, body.Code]).toEqual([404, 'InvalidRegionId.NotFound'])
    })
  },
)
