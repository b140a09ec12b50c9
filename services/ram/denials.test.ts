import { callApi } from '@pileus/cli/api-client'
import { simulation } from '@pileus/cli/commands/ram'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const model = (name: string, fields: object) => new (sdkModel('@alicloud/ram20150501', `${name}Request`))(fields)

let cloud: TestCloud
let other: TestAccount
let alice: TestAccount
let vpcId: string

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  await ram('CreateUser', { UserName: 'alice' })
  const { AccessKey } = await ram('CreateAccessKey', { UserName: 'alice' })
  alice = cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
  await attach('vpcs', [
    { Effect: 'Allow', Action: 'vpc:*', Resource: '*' },
    { Effect: 'Deny', Action: 'vpc:DeleteVpc', Resource: '*', Condition: tagged('acs:ResourceTag/env', 'prod') },
    { Effect: 'Deny', Action: 'vpc:CreateVpc', Resource: '*', Condition: { Null: { 'acs:RequestTag/env': 'true' } } },
  ])
  const { body } = await cloud.call('Vpc', 'CreateVpc', { RegionId: cloud.regionId, CidrBlock: '10.0.0.0/8' })
  vpcId = body.VpcId
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const tagged = (key: string, value: string) => ({ StringEquals: { [key]: value } })

async function ram(action: string, parameters: Record<string, string> = {}) {
  const { status, body } = await cloud.call('Ram', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

async function attach(PolicyName: string, Statement: object[]): Promise<void> {
  await ram('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify({ Version: '1', Statement }) })
  await ram('AttachPolicyToUser', { UserName: 'alice', PolicyName, PolicyType: 'Custom' })
}

const vpc = async (action: string, parameters: Record<string, string> = {}) =>
  await alice.call('Vpc', action, { RegionId: cloud.regionId, ...parameters })

describe('a denial', () => {
  test('carries a sealed message, which names the statement to administrators of the account alone', async () => {
    const { status, body } = await vpc('CreateVpc')
    expect([status, body.Code]).toEqual([403, 'Forbidden.RAM'])
    const { EncodedDiagnosticMessage, ...detail } = body.AccessDeniedDetail
    expect(detail).toMatchObject({
      AuthAction: 'vpc:CreateVpc',
      AuthPrincipalType: 'SubUser',
      NoPermissionType: 'ExplicitDeny',
      PolicyType: 'AccountLevelIdentityBasedPolicy',
    })
    expect(Buffer.from(EncodedDiagnosticMessage, 'base64').toString('latin1')).not.toContain('vpcs')
    const { body: decoded } = await cloud.ram.decodeDiagnosticMessage(
      model('DecodeDiagnosticMessage', { encodedDiagnosticMessage: EncodedDiagnosticMessage }),
    )
    expect(decoded?.decodedDiagnosticMessage).toMatchObject({
      authAction: 'vpc:CreateVpc',
      authResource: `acs:vpc:${cloud.regionId}:${cloud.accountId}:vpc/*`,
      explicitDeny: true,
      noPermissionPolicyType: 'AccountLevelIdentityBasedPolicy',
      matchedPolicies: [
        {
          effect: 'Deny',
          policyIdentifier: 'vpcs#Statement[2]',
          policyType: 'Custom',
          policyVersion: 'v1',
          attachedEntityType: 'user',
        },
      ],
    })
    const asked = { EncodedDiagnosticMessage }
    expect((await other.call('Ram', 'DecodeDiagnosticMessage', asked)).body.Code).toBe(
      'InvalidParameter.EncodedDiagnosticMessage',
    )
    const altered = { EncodedDiagnosticMessage: `AAAA${EncodedDiagnosticMessage}` }
    expect((await cloud.call('Ram', 'DecodeDiagnosticMessage', altered)).status).toBe(400)
  })

  test('for the lack of a policy says so', async () => {
    const { body } = await alice.call('Ecs', 'DescribeInstances', { RegionId: cloud.regionId })
    expect(body.AccessDeniedDetail.NoPermissionType).toBe('ImplicitDeny')
    const { EncodedDiagnosticMessage } = body.AccessDeniedDetail
    const { DecodedDiagnosticMessage } = await ram('DecodeDiagnosticMessage', { EncodedDiagnosticMessage })
    expect(DecodedDiagnosticMessage).toMatchObject({ ExplicitDeny: false, MatchedPolicies: [] })
  })
})

test('tags of the request and of the resource count', async () => {
  const tags = { 'Tag.1.Key': 'env', 'Tag.1.Value': 'test' }
  const { status } = await vpc('CreateVpc', { CidrBlock: '192.168.0.0/16', ...tags })
  expect(status).toBe(200)
  const set = { RegionId: cloud.regionId, ResourceType: 'VPC', 'ResourceId.1': vpcId }
  const tag = (Value: string) => cloud.call('Vpc', 'TagResources', { ...set, 'Tag.1.Key': 'env', 'Tag.1.Value': Value })
  expect((await tag('prod')).status).toBe(200)
  expect((await vpc('DeleteVpc', { VpcId: vpcId })).body.AccessDeniedDetail?.NoPermissionType).toBe('ExplicitDeny')
  expect((await tag('test')).status).toBe(200)
  expect((await vpc('DeleteVpc', { VpcId: vpcId })).status).toBe(200)
})

describe('SimulatePrincipalPolicy', () => {
  const simulate = async (fields: Partial<Parameters<typeof simulation>[0]>, account: TestAccount = cloud) => {
    const options = { principal: 'user/alice', action: 'vpc:CreateVpc', resource: [], condition: [], ...fields }
    const { status, body } = await account.call('Ram', 'SimulatePrincipalPolicy', simulation(options, cloud))
    return status === 200 ? body : `${status} ${body.Code}`
  }

  test('names the deciding statement, or the absence of one', async () => {
    expect(await simulate({})).toMatchObject({
      Decision: 'explicitDeny',
      MatchedStatement: { PolicyName: 'vpcs', PolicyVersion: 'v1', StatementIndex: 2, AttachedEntityType: 'user' },
    })
    const condition = ['acs:RequestTag/env=test']
    expect(await simulate({ condition })).toMatchObject({
      Decision: 'allowed',
      MatchedStatement: { StatementIndex: 0 },
    })
    const absent = await simulate({ action: 'ecs:StopInstance', resource: ['acs:ecs:*:1:instance/i-1'] })
    expect(absent).toMatchObject({ Decision: 'implicitDeny', DecidingResource: 'acs:ecs:*:1:instance/i-1' })
    expect(absent.MatchedStatement).toBeUndefined()
    expect(absent.Reason).toContain('no policy')
    expect(await simulate({ principal: 'root' })).toMatchObject({ Decision: 'allowed' })
  })

  test('is reached by the command with a key of its own', async () => {
    const parameters = simulation({ principal: 'root', action: 'ecs:X', resource: [], condition: [] }, cloud)
    const ready = { ...cloud.running.ready }
    const answer = await callApi<{ Decision: string }>(ready, '2015-05-01', 'SimulatePrincipalPolicy', parameters)
    expect(answer.Decision).toBe('allowed')
    const denied = callApi({ ...ready, accessKeySecret: 'x' }, '2015-05-01', 'SimulatePrincipalPolicy', parameters)
    await expect(denied).rejects.toThrow('SignatureDoesNotMatch')
  })

  test('is asked about principals of the own account, by those who may', async () => {
    expect(await simulate({ principal: 'user/nobody' })).toBe('404 EntityNotExist.User')
    expect(await simulate({ principal: `acs:ram::${other.accountId}:root` })).toBe('400 InvalidParameter')
    expect(await simulate({}, alice)).toBe('403 NoPermission')
    expect(() => simulation({ principal: 'root', action: 'x:y', resource: [], condition: ['x'] }, cloud)).toThrow(
      '<key>=<value>',
    )
  })

  test('agrees with what the calls themselves meet', async () => {
    for (const [action, name] of [
      ['vpc:DescribeVpcs', 'DescribeVpcs'],
      ['vpc:CreateVpc', 'CreateVpc'],
    ] as const) {
      const simulated = (await simulate({ action })).Decision
      const { status } = await vpc(name)
      expect([name, status === 403]).toEqual([name, simulated !== 'allowed'])
    }
  })
})
