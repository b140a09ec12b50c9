import { findAction, findProduct } from '@pileus/contract/contract'
import { checkResponse, completeResponse } from '@pileus/contract/encode'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount
let VpcId: string
let VSwitchId: string

const regionId = 'cn-hangzhou'

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  const vpc = await cloud.call('Vpc', 'CreateVpc', { RegionId: regionId, CidrBlock: '10.0.0.0/16' })
  VpcId = vpc.body.VpcId
  const place = { RegionId: regionId, VpcId, ZoneId: 'cn-hangzhou-b', CidrBlock: '10.0.1.0/24' }
  VSwitchId = (await cloud.call('Vpc', 'CreateVSwitch', place)).body.VSwitchId
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** Calls and expects success, with an answer of the contract's types. */
async function ok(action: string, parameters: Record<string, string> = {}, who: TestAccount = cloud) {
  const { status, body } = await who.call('Ecs', action, { RegionId: regionId, ...parameters })
  expect([action, status, body.Code, body.Message]).toEqual([action, 200, undefined, undefined])
  const meta = findAction('Ecs', findProduct('Ecs')?.version ?? '', action)
  if (!meta) throw new Error(action)
  expect(checkResponse(meta, body)).toEqual([])
  expect(completeResponse(meta, body)).toEqual(body)
  return body
}

async function refusal(action: string, parameters: Record<string, string> = {}, who: TestAccount = cloud) {
  const { status, body } = await who.call('Ecs', action, { RegionId: regionId, ...parameters })
  return `${status} ${body.Code}: ${body.Message}`
}

async function newGroup(parameters: Record<string, string> = {}): Promise<string> {
  return (await ok('CreateSecurityGroup', { VpcId, ...parameters })).SecurityGroupId
}

async function rulesOf(SecurityGroupId: string, parameters: Record<string, string> = {}) {
  return (await ok('DescribeSecurityGroupAttribute', { SecurityGroupId, ...parameters })).Permissions.Permission
}

const ssh = { IpProtocol: 'tcp', PortRange: '22/22', SourceCidrIp: '10.0.0.0/8' }

describe('security groups', () => {
  test('the SDK makes, describes, changes and deletes one', async () => {
    const model = (name: string, fields: object) => new (sdkModel('@alicloud/ecs20140526', `${name}Request`))(fields)
    const made = await cloud.ecs.createSecurityGroup(
      model('CreateSecurityGroup', {
        regionId,
        vpcId: VpcId,
        securityGroupName: 'web',
        description: 'for web servers',
        tag: [{ key: 'tier', value: 'front' }],
      }),
    )
    const securityGroupId = made.body?.securityGroupId ?? ''
    expect(securityGroupId).toMatch(/^sg-[0-9a-z]{20}$/)
    const { body } = await cloud.ecs.describeSecurityGroups(
      model('DescribeSecurityGroups', { regionId, securityGroupId }),
    )
    expect(body?.securityGroups?.securityGroup).toMatchObject([
      {
        securityGroupId,
        securityGroupName: 'web',
        securityGroupType: 'normal',
        vpcId: VpcId,
        tags: { tag: [{ tagKey: 'tier', tagValue: 'front' }] },
      },
    ])
    await ok('ModifySecurityGroupAttribute', { SecurityGroupId: securityGroupId, SecurityGroupName: 'site' })
    await ok('ModifySecurityGroupPolicy', { SecurityGroupId: securityGroupId, InnerAccessPolicy: 'drop' })
    const about = await ok('DescribeSecurityGroupAttribute', { SecurityGroupId: securityGroupId })
    expect(about).toMatchObject({
      SecurityGroupName: 'site',
      InnerAccessPolicy: 'Drop',
      Permissions: { Permission: [] },
    })
    await ok('DeleteSecurityGroup', { SecurityGroupId: securityGroupId })
    expect(await refusal('DescribeSecurityGroupAttribute', { SecurityGroupId: securityGroupId })).toContain(
      '404 InvalidSecurityGroupId.NotFound',
    )
  })

  test('what is not valid is refused with its code', async () => {
    expect(await refusal('CreateSecurityGroup')).toContain('400 MissingParameter')
    expect(await refusal('CreateSecurityGroup', { VpcId: 'vpc-none' })).toContain('404 InvalidVpcId.NotFound')
    const make = (parameters: Record<string, string>) => refusal('CreateSecurityGroup', { VpcId, ...parameters })
    expect(await make({ SecurityGroupName: '1abc' })).toContain('400 InvalidSecurityGroupName.Malformed')
    expect(await make({ SecurityGroupName: 'a' })).toContain('400 InvalidSecurityGroupName.Malformed')
    expect(await make({ Description: 'http://x' })).toContain('400 InvalidDescription.Malformed')
    expect(await make({ SecurityGroupType: 'other' })).toContain('400 InvalidParams.GroupType')
  })

  test('lists page in both styles and filter', async () => {
    const ids = [await newGroup({ SecurityGroupName: 'list-a' }), await newGroup({ SecurityGroupName: 'list-b' })]
    const idsOf = (body: { SecurityGroups: { SecurityGroup: { SecurityGroupId: string }[] } }) =>
      body.SecurityGroups.SecurityGroup.map((group) => group.SecurityGroupId)
    const fuzzy = { SecurityGroupName: 'list', FuzzyQuery: 'true' }
    expect(idsOf(await ok('DescribeSecurityGroups', fuzzy))).toEqual(ids)
    const first = await ok('DescribeSecurityGroups', { ...fuzzy, MaxResults: '1' })
    const second = await ok('DescribeSecurityGroups', { ...fuzzy, MaxResults: '1', NextToken: first.NextToken })
    expect([idsOf(first), idsOf(second)]).toEqual([[ids[0]], [ids[1]]])
    const numbered = await ok('DescribeSecurityGroups', { ...fuzzy, PageSize: '1', PageNumber: '2' })
    expect([numbered.TotalCount, numbered.PageNumber, idsOf(numbered)]).toEqual([2, 2, [ids[1]]])
    expect(idsOf(await ok('DescribeSecurityGroups', { SecurityGroupIds: JSON.stringify(ids), VpcId }))).toEqual(ids)
    expect(idsOf(await ok('DescribeSecurityGroups', { SecurityGroupName: 'list-b' }))).toEqual([ids[1]])
    expect(idsOf(await ok('DescribeSecurityGroups', { SecurityGroupName: 'list' }))).toEqual([])
    for (const SecurityGroupId of ids) await ok('DeleteSecurityGroup', { SecurityGroupId })
  })
})

describe('rules', () => {
  test('authorizing and revoking may be repeated, flat and as permissions', async () => {
    const SecurityGroupId = await newGroup()
    await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...ssh })
    await ok('AuthorizeSecurityGroup', {
      SecurityGroupId,
      ...ssh,
      Policy: 'ACCEPT',
      Priority: '1',
      NicType: 'intranet',
    })
    const two = {
      'Permissions.1.IpProtocol': 'UDP',
      'Permissions.1.PortRange': '53/53',
      'Permissions.1.SourceCidrIp': '10.0.0.7',
      'Permissions.1.Policy': 'drop',
      'Permissions.1.Priority': '100',
      'Permissions.2.IpProtocol': 'icmp',
      'Permissions.2.PortRange': '-1/-1',
      'Permissions.2.SourceCidrIp': '0.0.0.0/0',
      'Permissions.2.Description': 'ping',
    }
    await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...two })
    const outward = { SecurityGroupId, IpProtocol: 'all', PortRange: '-1/-1', DestCidrIp: '1.2.3.4/32', Policy: 'drop' }
    await ok('AuthorizeSecurityGroupEgress', outward)
    const rules = await rulesOf(SecurityGroupId)
    expect(rules).toHaveLength(4)
    const ingress = await rulesOf(SecurityGroupId, { Direction: 'ingress' })
    const byProtocol = new Map(ingress.map((rule: { IpProtocol: string }) => [rule.IpProtocol, rule]))
    expect(byProtocol.get('TCP')).toMatchObject({
      PortRange: '22/22',
      SourceCidrIp: '10.0.0.0/8',
      Policy: 'Accept',
      Priority: '1',
      NicType: 'intranet',
      Direction: 'ingress',
    })
    expect(byProtocol.get('UDP')).toMatchObject({ SourceCidrIp: '10.0.0.7/32', Policy: 'Drop', Priority: '100' })
    expect(byProtocol.get('ICMP')).toMatchObject({ Description: 'ping', SourceCidrIp: '0.0.0.0/0' })
    expect(await rulesOf(SecurityGroupId, { Direction: 'egress' })).toMatchObject([{ DestCidrIp: '1.2.3.4/32' }])
    await ok('RevokeSecurityGroup', { SecurityGroupId, ...ssh })
    await ok('RevokeSecurityGroup', { SecurityGroupId, ...ssh })
    await ok('RevokeSecurityGroup', { SecurityGroupId, ...two })
    const [egress] = await rulesOf(SecurityGroupId)
    await ok('RevokeSecurityGroup', { SecurityGroupId, 'SecurityGroupRuleId.1': egress.SecurityGroupRuleId })
    expect(await rulesOf(SecurityGroupId)).toHaveLength(1)
    await ok('RevokeSecurityGroupEgress', { SecurityGroupId, 'SecurityGroupRuleId.1': egress.SecurityGroupRuleId })
    expect(await rulesOf(SecurityGroupId)).toEqual([])
    await ok('DeleteSecurityGroup', { SecurityGroupId })
  })

  test('parameters that are not valid are refused by name', async () => {
    const SecurityGroupId = await newGroup()
    const add = (change: Record<string, string>) =>
      refusal('AuthorizeSecurityGroup', { SecurityGroupId, ...ssh, ...change })
    expect(await add({ IpProtocol: 'sctp' })).toContain('400 InvalidIpProtocol.ValueNotSupported')
    for (const PortRange of ['22', '0/22', '80/22', '1/70000', '-1/-1', '']) {
      expect(await add({ PortRange })).toContain('400 InvalidParam.PortRange')
    }
    expect(await add({ IpProtocol: 'icmp' })).toContain('400 InvalidParam.PortRange')
    for (const Priority of ['0', '101', 'x', '1.5']) {
      expect(await add({ Priority })).toContain('400 InvalidPriority.ValueNotSupported')
    }
    expect(await add({ Policy: 'maybe' })).toContain('400 InvalidPolicy.Malformed')
    expect(await add({ SourceCidrIp: '10.0.0.0/33' })).toContain('400 InvalidSourceCidrIp.Malformed')
    expect(await add({ SourceCidrIp: '' })).toContain('400 MissingParameter.Source')
    expect(await add({ NicType: 'other' })).toContain('400 InvalidNicType.ValueNotSupported')
    expect(await add({ Ipv6SourceCidrIp: '::/0' })).toContain('Ipv6SourceCidrIp')
    expect(await add({ SourcePrefixListId: 'pl-1' })).toContain('SourcePrefixListId')
    expect(await add({ SourceCidrIp: '', SourceGroupId: 'sg-none' })).toContain('404 InvalidSourceGroupId.NotFound')
    expect(await add({ SourceCidrIp: '', SourceGroupId: SecurityGroupId })).toContain('403 InvalidParamter.Conflict')
    expect(await rulesOf(SecurityGroupId)).toEqual([])
    await ok('DeleteSecurityGroup', { SecurityGroupId })
  })

  test('a group that rules name stays until they are gone', async () => {
    const [SecurityGroupId, SourceGroupId] = [await newGroup(), await newGroup({ SecurityGroupName: 'source' })]
    const rule = { SecurityGroupId, IpProtocol: 'tcp', PortRange: '80/80', SourceGroupId }
    await ok('AuthorizeSecurityGroup', rule)
    expect(await rulesOf(SecurityGroupId)).toMatchObject([
      { SourceGroupId, SourceGroupName: 'source', SourceCidrIp: '' },
    ])
    const references = await ok('DescribeSecurityGroupReferences', { 'SecurityGroupId.1': SourceGroupId })
    expect(references.SecurityGroupReferences.SecurityGroupReference).toEqual([
      {
        SecurityGroupId: SourceGroupId,
        ReferencingSecurityGroups: { ReferencingSecurityGroup: [{ SecurityGroupId, AliUid: cloud.accountId }] },
      },
    ])
    expect(await refusal('DeleteSecurityGroup', { SecurityGroupId: SourceGroupId })).toContain(
      '403 DependencyViolation',
    )
    await ok('RevokeSecurityGroup', rule)
    await ok('DeleteSecurityGroup', { SecurityGroupId: SourceGroupId })
    await ok('DeleteSecurityGroup', { SecurityGroupId })
  })

  test('a rule changes by its id; without one, its description does', async () => {
    const SecurityGroupId = await newGroup()
    await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...ssh })
    await ok('ModifySecurityGroupRule', { SecurityGroupId, ...ssh, Description: 'log in' })
    const [{ SecurityGroupRuleId }] = await rulesOf(SecurityGroupId)
    await ok('ModifySecurityGroupRule', { SecurityGroupId, SecurityGroupRuleId, PortRange: '23/24', Priority: '5' })
    expect(await rulesOf(SecurityGroupId)).toMatchObject([
      { SecurityGroupRuleId, PortRange: '23/24', Priority: '5', Description: 'log in', SourceCidrIp: '10.0.0.0/8' },
    ])
    expect(await refusal('ModifySecurityGroupRule', { SecurityGroupId, ...ssh })).toContain('404 SecurityGroupRule')
    await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...ssh })
    expect(
      await refusal('ModifySecurityGroupRule', {
        SecurityGroupId,
        SecurityGroupRuleId,
        PortRange: '22/22',
        Priority: '1',
      }),
    ).toContain('InvalidSecurityGroup.RuleConflict')
    expect(
      await refusal('ModifySecurityGroupEgressRule', { SecurityGroupId, SecurityGroupRuleId, PortRange: '1/2' }),
    ).toContain('404 SecurityGroupRule.NotFound')
    await ok('DeleteSecurityGroup', { SecurityGroupId })
  })

  test('a group holds 200 rules', async () => {
    const SecurityGroupId = await newGroup()
    const some = (first: number) =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, n) => [
          [`Permissions.${n + 1}.IpProtocol`, 'tcp'],
          [`Permissions.${n + 1}.PortRange`, `${first + n}/${first + n}`],
          [`Permissions.${n + 1}.SourceCidrIp`, '10.0.0.0/8'],
        ]).flat(),
      )
    await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...some(1) })
    await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...some(101) })
    expect(await refusal('AuthorizeSecurityGroup', { SecurityGroupId, ...ssh, PortRange: '500/500' })).toContain(
      '403 AuthorizationLimitExceed',
    )
    const page = { SecurityGroupId, MaxResults: '150' }
    const first = await ok('DescribeSecurityGroupAttribute', page)
    const second = await ok('DescribeSecurityGroupAttribute', { ...page, NextToken: first.NextToken })
    expect([first.Permissions.Permission.length, second.Permissions.Permission.length]).toEqual([150, 50])
    expect(second.NextToken).toBe('')
    await ok('DeleteSecurityGroup', { SecurityGroupId })
  })
})

test('network interfaces join and leave groups, and keep the last one', async () => {
  const [first, second] = [await newGroup(), await newGroup()]
  const { NetworkInterfaceId } = await ok('CreateNetworkInterface', { VSwitchId, SecurityGroupId: first })
  await ok('JoinSecurityGroup', { SecurityGroupId: second, NetworkInterfaceId })
  expect(await refusal('JoinSecurityGroup', { SecurityGroupId: second, NetworkInterfaceId })).toContain('already')
  const uses = await ok('DescribeSecurityGroups', { SecurityGroupId: second })
  expect(uses.SecurityGroups.SecurityGroup[0].AvailableInstanceAmount).toBe(5_999)
  await ok('LeaveSecurityGroup', { SecurityGroupId: first, NetworkInterfaceId })
  expect(await refusal('LeaveSecurityGroup', { SecurityGroupId: second, NetworkInterfaceId })).toContain(
    'LastSecurityGroup',
  )
  expect(await refusal('LeaveSecurityGroup', { SecurityGroupId: first, NetworkInterfaceId })).toContain('NotInSecurity')
  expect(await refusal('JoinSecurityGroup', { SecurityGroupId: first })).toContain('400 MissingParameter')
  expect(await refusal('JoinSecurityGroup', { SecurityGroupId: first, InstanceId: 'i-none' })).toContain(
    '404 InvalidInstanceId.NotFound',
  )
  expect(await refusal('DeleteSecurityGroup', { SecurityGroupId: second })).toContain(NetworkInterfaceId)
  await ok('DeleteNetworkInterface', { NetworkInterfaceId })
  await ok('DeleteSecurityGroup', { SecurityGroupId: first })
  await ok('DeleteSecurityGroup', { SecurityGroupId: second })
})

test('another account and another region see nothing, and answer as if it did not exist', async () => {
  const SecurityGroupId = await newGroup()
  await ok('AuthorizeSecurityGroup', { SecurityGroupId, ...ssh })
  const { NetworkInterfaceId } = await ok('CreateNetworkInterface', { VSwitchId, SecurityGroupId })
  const questions: [string, Record<string, string>][] = [
    ['DescribeSecurityGroupAttribute', { SecurityGroupId }],
    ['DescribeSecurityGroupReferences', { 'SecurityGroupId.1': SecurityGroupId }],
    ['ModifySecurityGroupAttribute', { SecurityGroupId, Description: 'stolen' }],
    ['ModifySecurityGroupPolicy', { SecurityGroupId, InnerAccessPolicy: 'Drop' }],
    ['AuthorizeSecurityGroup', { SecurityGroupId, ...ssh }],
    ['AuthorizeSecurityGroupEgress', { SecurityGroupId, IpProtocol: 'all', DestCidrIp: '1.1.1.1' }],
    ['RevokeSecurityGroup', { SecurityGroupId, ...ssh }],
    ['RevokeSecurityGroupEgress', { SecurityGroupId, IpProtocol: 'all', DestCidrIp: '1.1.1.1' }],
    ['ModifySecurityGroupRule', { SecurityGroupId, ...ssh }],
    ['ModifySecurityGroupEgressRule', { SecurityGroupId, IpProtocol: 'all', DestCidrIp: '1.1.1.1' }],
    ['DeleteSecurityGroup', { SecurityGroupId }],
    ['JoinSecurityGroup', { SecurityGroupId, NetworkInterfaceId }],
    ['LeaveSecurityGroup', { SecurityGroupId, NetworkInterfaceId }],
  ]
  for (const [action, parameters] of questions) {
    expect([action, await refusal(action, parameters, other)]).toEqual([action, expect.stringContaining('404 Invalid')])
    const elsewhere = await refusal(action, { ...parameters, RegionId: 'eu-central-1' })
    expect([action, elsewhere]).toEqual([action, expect.stringContaining('404 Invalid')])
  }
  expect((await ok('DescribeSecurityGroups', { SecurityGroupId }, other)).TotalCount).toBe(0)
  expect(await rulesOf(SecurityGroupId)).toHaveLength(1)
  await ok('DeleteNetworkInterface', { NetworkInterfaceId })
  await ok('DeleteSecurityGroup', { SecurityGroupId })
})
