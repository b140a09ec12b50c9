import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const model = (name: string, fields: object) => new (sdkModel('@alicloud/ram20150501', `${name}Request`))(fields)
const allowing = (...actions: string[]) =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })

let cloud: TestCloud
let other: TestAccount

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** The answer of a call to RAM, which must succeed. */
async function ram(action: string, parameters: Record<string, string> = {}, account: TestAccount = cloud) {
  const { status, body } = await account.call('Ram', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

/** Status and code of a call to RAM, which must fail. */
async function refusal(action: string, parameters: Record<string, string> = {}, account: TestAccount = cloud) {
  const { status, body } = await account.call('Ram', action, parameters)
  expect(body.Message, action).not.toBe('')
  return `${status} ${body.Code}`
}

describe('policies', () => {
  test('have versions, of which one is in force', async () => {
    const { body: made } = await cloud.ram.createPolicy(
      model('CreatePolicy', { policyName: 'versioned', policyDocument: allowing('ecs:*'), description: 'd' }),
    )
    expect(made?.policy).toMatchObject({ policyName: 'versioned', policyType: 'Custom', defaultVersion: 'v1' })
    const { PolicyVersion } = await ram('CreatePolicyVersion', {
      PolicyName: 'versioned',
      PolicyDocument: allowing('vpc:*'),
      SetAsDefault: 'true',
    })
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true })
    const { Policy, DefaultPolicyVersion } = await ram('GetPolicy', { PolicyName: 'versioned', PolicyType: 'Custom' })
    expect(Policy).toMatchObject({ DefaultVersion: 'v2', AttachmentCount: 0, Description: 'd' })
    expect(DefaultPolicyVersion).toMatchObject({ VersionId: 'v2', PolicyDocument: allowing('vpc:*') })
    const version = (VersionId: string) => ({ PolicyName: 'versioned', PolicyType: 'Custom', VersionId })
    expect((await ram('GetPolicyVersion', version('v1'))).PolicyVersion.PolicyDocument).toBe(allowing('ecs:*'))
    expect(await refusal('GetPolicyVersion', version('v9'))).toBe('404 EntityNotExist.Policy.Version')
    expect(await refusal('DeletePolicyVersion', version('v2'))).toBe('409 DeleteConflict.Policy.Version.Default')
    expect(await refusal('DeletePolicy', { PolicyName: 'versioned' })).toBe('409 DeleteConflict.Policy.Version')
    await ram('DeletePolicyVersion', version('v1'))
    const { Policy: described } = await ram('UpdatePolicyDescription', {
      PolicyName: 'versioned',
      NewDescription: 'e',
    })
    expect(described.Description).toBe('e')
    await ram('DeletePolicy', { PolicyName: 'versioned' })
  })

  test('keep five versions at most, and rotate when asked', async () => {
    const next = { PolicyName: 'rotating', PolicyDocument: allowing('ecs:*') }
    await ram('CreatePolicy', next)
    for (let n = 0; n < 4; n++) await ram('CreatePolicyVersion', next)
    expect(await refusal('CreatePolicyVersion', next)).toBe('409 LimitExceeded.Policy.Version')
    await ram('CreatePolicyVersion', { ...next, RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' })
    const { PolicyVersions } = await ram('ListPolicyVersions', { PolicyName: 'rotating', PolicyType: 'Custom' })
    const ids = PolicyVersions.PolicyVersion.map((one: { VersionId: string }) => one.VersionId)
    expect(ids).toEqual(['v1', 'v3', 'v4', 'v5', 'v6'])
    await ram('DeletePolicy', { PolicyName: 'rotating', CascadingDelete: 'true' })
  })

  test('are attached to users, groups and roles, and listed from both sides', async () => {
    const trust = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${cloud.accountId}:root`] } },
      ],
    })
    await ram('CreatePolicy', { PolicyName: 'shared', PolicyDocument: allowing('ecs:*') })
    await ram('CreateUser', { UserName: 'shared-user' })
    await ram('CreateGroup', { GroupName: 'shared-group' })
    await ram('CreateRole', { RoleName: 'shared-role', AssumeRolePolicyDocument: trust })
    const shared = { PolicyName: 'shared', PolicyType: 'Custom' }
    const kinds = [
      ['User', 'UserName', 'shared-user'],
      ['Group', 'GroupName', 'shared-group'],
      ['Role', 'RoleName', 'shared-role'],
    ] as const
    for (const [kind, parameter, name] of kinds) {
      const entity = { [parameter]: name }
      await ram(`AttachPolicyTo${kind}`, { ...shared, ...entity })
      expect(await refusal(`AttachPolicyTo${kind}`, { ...shared, ...entity })).toBe(
        `409 EntityAlreadyExists.${kind}.Policy`,
      )
      const { Policies } = await ram(`ListPoliciesFor${kind}`, entity)
      expect(Policies.Policy).toMatchObject([{ ...shared, DefaultVersion: 'v1' }])
    }
    const { Users, Groups, Roles } = await ram('ListEntitiesForPolicy', shared)
    expect(Users.User).toMatchObject([{ UserName: 'shared-user', DisplayName: '' }])
    expect(Groups.Group).toMatchObject([{ GroupName: 'shared-group' }])
    expect(Roles.Role).toMatchObject([{ RoleName: 'shared-role', Arn: `acs:ram::${cloud.accountId}:role/shared-role` }])
    expect((await ram('GetPolicy', shared)).Policy.AttachmentCount).toBe(3)
    for (const [kind, parameter, name] of kinds) {
      const entity = { [parameter]: name }
      expect(await refusal('DeletePolicy', { PolicyName: 'shared' })).toBe(`409 DeleteConflict.Policy.${kind}`)
      await ram(`DetachPolicyFrom${kind}`, { ...shared, ...entity })
      expect(await refusal(`DetachPolicyFrom${kind}`, { ...shared, ...entity })).toBe(
        `404 EntityNotExist.${kind}.Policy`,
      )
    }
    await ram('DeletePolicy', { PolicyName: 'shared' })
    await ram('DeleteRole', { RoleName: 'shared-role' })
  })

  test('of the system are there for everybody, and cannot be imitated', async () => {
    const names: string[] = []
    let Marker: string | undefined
    do {
      const page = await ram('ListPolicies', { MaxItems: '7', ...(Marker ? { Marker } : {}) }, other)
      names.push(...page.Policies.Policy.map((policy: { PolicyName: string }) => policy.PolicyName))
      Marker = page.Marker
    } while (Marker)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['AdministratorAccess', 'AliyunECSFullAccess', 'ReadOnlyAccess']))
    const { Policies } = await ram('ListPolicies', { PolicyType: 'Custom' }, other)
    expect(Policies.Policy).toEqual([])
    const { Policy } = await ram('GetPolicy', { PolicyName: 'AdministratorAccess', PolicyType: 'System' })
    expect(JSON.parse(Policy.PolicyDocument)).toMatchObject({ Version: '1' })
    const imitation = { PolicyName: 'AdministratorAccess', PolicyDocument: allowing('ecs:*') }
    expect(await refusal('CreatePolicy', imitation)).toBe('409 EntityAlreadyExists.Policy')
  })

  test('are refused when malformed', async () => {
    const create = (PolicyDocument: string) => refusal('CreatePolicy', { PolicyName: 'bad', PolicyDocument })
    expect(await create('{')).toBe('400 MalformedPolicyDocument')
    expect(await create(allowing('RunInstances'))).toBe('400 MalformedPolicyDocument')
    expect(await create('x'.repeat(7_000))).toBe('400 InvalidParameter.PolicyDocument.Length')
    expect(await refusal('GetPolicy', { PolicyName: 'bad', PolicyType: 'Custom' })).toBe('404 EntityNotExist.Policy')
    expect(await refusal('GetPolicy', { PolicyName: 'bad', PolicyType: 'Mine' })).toBe(
      '400 InvalidParameter.PolicyType',
    )
  })
})
