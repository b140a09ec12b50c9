import { findAction, findProduct } from '@pileus/contract/contract'
import { checkResponse, completeResponse } from '@pileus/contract/encode'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const model = (name: string, fields: object) => new (sdkModel('@alicloud/vpc20160428', `${name}Request`))(fields)
const regionId = 'cn-hangzhou'

/** Calls and expects success, with an answer of the contract's types. */
async function ok(action: string, parameters: Record<string, string> = {}, who: TestAccount = cloud) {
  const { status, body } = await who.call('Vpc', action, { RegionId: regionId, ...parameters })
  expect([status, body.Code, body.Message]).toEqual([200, undefined, undefined])
  const meta = findAction('Vpc', findProduct('Vpc')?.version ?? '', action)
  if (!meta) throw new Error(action)
  expect(checkResponse(meta, body)).toEqual([])
  expect(completeResponse(meta, body)).toEqual(body)
  return body
}

/** Calls and expects a refusal; gives its status, code and message as one line. */
async function refusal(action: string, parameters: Record<string, string> = {}, who: TestAccount = cloud) {
  const { status, body } = await who.call('Vpc', action, { RegionId: regionId, ...parameters })
  return `${status} ${body.Code}: ${body.Message}`
}

async function newVpc(CidrBlock = '10.0.0.0/16', who: TestAccount = cloud): Promise<string> {
  return (await ok('CreateVpc', { CidrBlock }, who)).VpcId
}

async function newVSwitch(VpcId: string, CidrBlock: string, ZoneId = 'cn-hangzhou-b'): Promise<string> {
  return (await ok('CreateVSwitch', { VpcId, ZoneId, CidrBlock })).VSwitchId
}

async function removeVpc(VpcId: string): Promise<void> {
  const { VSwitches } = await ok('DescribeVSwitches', { VpcId, PageSize: '50' })
  for (const { VSwitchId } of VSwitches.VSwitch) await ok('DeleteVSwitch', { VSwitchId })
  await ok('DeleteVpc', { VpcId })
}

describe('VPCs', () => {
  test('the SDK makes, describes, changes and deletes a VPC with its router and system table', async () => {
    const made = await cloud.vpc.createVpc(
      model('CreateVpc', {
        regionId,
        cidrBlock: '192.168.0.0/16',
        vpcName: 'first',
        description: 'for a test',
        tag: [{ key: 'team', value: 'net' }],
      }),
    )
    const { vpcId, routeTableId, VRouterId: vRouterId } = made.body ?? {}
    expect(vpcId).toMatch(/^vpc-[0-9a-z]{20}$/)
    const { body } = await cloud.vpc.describeVpcAttribute(model('DescribeVpcAttribute', { regionId, vpcId }))
    expect(body).toMatchObject({
      status: 'Available',
      cidrBlock: '192.168.0.0/16',
      vpcName: 'first',
      isDefault: false,
      enabledIpv6: false,
      classicLinkEnabled: false,
      tags: { tag: [{ key: 'team', value: 'net' }] },
      vSwitchIds: { vSwitchId: [] },
    })
    const list = await ok('DescribeRouteTableList', { VpcId: vpcId ?? '' })
    expect(list.RouterTableList.RouterTableListType).toMatchObject([
      { RouteTableId: routeTableId, RouteTableType: 'System', RouterId: vRouterId, Status: 'Available' },
    ])
    await cloud.vpc.modifyVpcAttribute(model('ModifyVpcAttribute', { regionId, vpcId, vpcName: 'second' }))
    const { Vpcs } = await ok('DescribeVpcs', { VpcId: vpcId ?? '' })
    expect(Vpcs.Vpc).toMatchObject([{ VpcName: 'second', RouterTableIds: { RouterTableIds: [routeTableId] } }])
    const { VRouters } = await ok('DescribeVRouters', { VRouterId: vRouterId ?? '' })
    expect(VRouters.VRouter).toMatchObject([{ VpcId: vpcId, RouteTableIds: { RouteTableId: [routeTableId] } }])
    await cloud.vpc.deleteVpc(model('DeleteVpc', { regionId, vpcId }))
    expect(await refusal('DescribeVpcAttribute', { VpcId: vpcId ?? '' })).toContain('404 InvalidVpcId.NotFound')
    expect((await ok('ListTagResources', { ResourceType: 'VPC', 'ResourceId.1': vpcId ?? '' })).TagResources).toEqual({
      TagResource: [],
    })
  })

  test('blocks, names and what this cloud does not have are refused with their codes', async () => {
    for (const CidrBlock of ['10.0.0.1/16', '10.0.0.0/7', '10.0.0.0/29', '100.64.0.0/16', '127.0.0.0/8', 'x']) {
      expect(await refusal('CreateVpc', { CidrBlock })).toContain('400 InvalidCidrBlock.Malformed')
    }
    expect(await refusal('CreateVpc', { VpcName: 'http://x' })).toContain('400 InvalidVpcName.Malformed')
    expect(await refusal('CreateVpc', { Description: 'https://x' })).toContain('400 InvalidVpcDiscription.Malformed')
    expect(await refusal('CreateVpc', { EnableIpv6: 'true' })).toContain('"EnableIpv6"')
    expect(await refusal('CreateVpc', { UserCidr: '100.64.1.0/24' })).toContain('400 InvalidUserCidr.Malformed')
    expect(await refusal('CreateVpc', { DryRun: 'true' })).toContain('400 DryRunOperation')
    expect((await ok('DescribeVpcs')).TotalCount).toBe(0)
  })

  test('a client token makes one VPC however often it is used', async () => {
    const parameters = { CidrBlock: '10.0.0.0/8', ClientToken: 'token-1' }
    const [first, second] = [await ok('CreateVpc', parameters), await ok('CreateVpc', parameters)]
    expect(second.VpcId).toBe(first.VpcId)
    await removeVpc(first.VpcId)
  })

  test('an account has ten VPCs in a region, however many it asks for at once', async () => {
    const account = await cloud.newAccount()
    const answers = await Promise.all(
      Array.from({ length: 14 }, () => account.call('Vpc', 'CreateVpc', { RegionId: regionId })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.Code))).toEqual(
      new Set(['QuotaExceeded.Vpc']),
    )
    await ok('CreateVpc', { RegionId: 'eu-central-1' }, account)
  })

  test('lists page, filter by name and tag, and keep their order', async () => {
    const account = await cloud.newAccount()
    const ids: string[] = []
    for (const n of [1, 2, 3]) {
      const tag = { 'Tag.1.Key': 'n', 'Tag.1.Value': String(n), 'Tag.2.Key': 'all', 'Tag.2.Value': '' }
      ids.push((await ok('CreateVpc', { VpcName: `v${n}`, ...tag }, account)).VpcId)
    }
    const idsOf = (body: { Vpcs: { Vpc: { VpcId: string }[] } }) => body.Vpcs.Vpc.map((vpc) => vpc.VpcId)
    expect(idsOf(await ok('DescribeVpcs', {}, account))).toEqual(ids)
    const second = await ok('DescribeVpcs', { PageSize: '2', PageNumber: '2' }, account)
    expect([second.TotalCount, second.PageSize, second.PageNumber, idsOf(second)]).toEqual([3, 2, 2, [ids[2]]])
    expect(idsOf(await ok('DescribeVpcs', { VpcName: 'v2' }, account))).toEqual([ids[1]])
    expect(idsOf(await ok('DescribeVpcs', { VpcId: `${ids[0]},${ids[2]}` }, account))).toEqual([ids[0], ids[2]])
    const tagged = await ok('DescribeVpcs', { 'Tag.1.Key': 'n', 'Tag.1.Value': '3', 'Tag.2.Key': 'all' }, account)
    expect(idsOf(tagged)).toEqual([ids[2]])
    expect(idsOf(await ok('DescribeVpcs', { IsDefault: 'true' }, account))).toEqual([])
    expect(await refusal('DescribeVpcs', { PageSize: '51' }, account)).toContain('400 InvalidParameter')
  })

  test('secondary blocks come, hold vswitches, and go', async () => {
    const vpcId = await newVpc()
    expect(await refusal('AssociateVpcCidrBlock', { VpcId: vpcId, SecondaryCidrBlock: '10.0.8.0/24' })).toContain(
      '400 InvalidCidrBlock.Overlapped',
    )
    await ok('AssociateVpcCidrBlock', { VpcId: vpcId, SecondaryCidrBlock: '172.16.0.0/16' })
    const vswitchId = await newVSwitch(vpcId, '172.16.1.0/24')
    const drop = { VpcId: vpcId, SecondaryCidrBlock: '172.16.0.0/16' }
    expect(await refusal('UnassociateVpcCidrBlock', drop)).toContain('DependencyViolation.VSwitch')
    await ok('DeleteVSwitch', { VSwitchId: vswitchId })
    await ok('UnassociateVpcCidrBlock', drop)
    expect(await refusal('UnassociateVpcCidrBlock', drop)).toContain('404 InvalidSecondaryCidrBlock.NotFound')
    await removeVpc(vpcId)
  })

  test('the default VPC and vswitch are made once', async () => {
    const account = await cloud.newAccount()
    expect(await refusal('CreateDefaultVSwitch', { ZoneId: 'cn-hangzhou-b' }, account)).toContain('InvalidDefaultVpc')
    const { VpcId } = await ok('CreateDefaultVpc', {}, account)
    expect(await refusal('CreateDefaultVpc', {}, account)).toContain(VpcId)
    const { VSwitchId } = await ok('CreateDefaultVSwitch', { ZoneId: 'cn-hangzhou-b' }, account)
    expect(await refusal('CreateDefaultVSwitch', { ZoneId: 'cn-hangzhou-b' }, account)).toContain(VSwitchId)
    const { VSwitches } = await ok('DescribeVSwitches', { IsDefault: 'true' }, account)
    expect(VSwitches.VSwitch).toMatchObject([{ VSwitchId, VpcId, IsDefault: true, AvailableIpAddressCount: 4092 }])
  })
})

describe('vswitches', () => {
  test('are made in a zone, described, changed and deleted', async () => {
    const vpcId = await newVpc()
    const { body } = await cloud.vpc.createVSwitch(
      model('CreateVSwitch', { regionId, vpcId, zoneId: 'cn-hangzhou-b', cidrBlock: '10.0.1.0/24', vSwitchName: 'a' }),
    )
    const VSwitchId = body?.vSwitchId ?? ''
    await ok('ModifyVSwitchAttribute', { VSwitchId, VSwitchName: 'b', Description: 'd' })
    expect(await ok('DescribeVSwitchAttributes', { VSwitchId })).toMatchObject({
      VSwitchId,
      VpcId: vpcId,
      ZoneId: 'cn-hangzhou-b',
      CidrBlock: '10.0.1.0/24',
      AvailableIpAddressCount: 252,
      Status: 'Available',
      VSwitchName: 'b',
      Description: 'd',
      RouteTable: { RouteTableType: 'System' },
    })
    const { VSwitches } = await ok('DescribeVSwitches', { ZoneId: 'cn-hangzhou-b', VpcId: vpcId })
    expect(VSwitches.VSwitch).toMatchObject([{ VSwitchId }])
    expect(await refusal('DeleteVpc', { VpcId: vpcId })).toContain(VSwitchId)
    await ok('DeleteVSwitch', { VSwitchId })
    expect(await refusal('DescribeVSwitchAttributes', { VSwitchId })).toContain('404 InvalidVSwitchId.NotFound')
    await removeVpc(vpcId)
  })

  test('keep to their VPC, to their masks and out of each other', async () => {
    const VpcId = await newVpc()
    await newVSwitch(VpcId, '10.0.1.0/24')
    const make = (CidrBlock: string, ZoneId = 'cn-hangzhou-b') => refusal('CreateVSwitch', { VpcId, ZoneId, CidrBlock })
    expect(await make('10.0.1.128/25')).toContain('400 InvalidCidrBlock.Overlapped')
    expect(await make('10.1.0.0/24')).toContain('400 InvalidParameter')
    expect(await make('10.0.2.0/30')).toContain('400 InvalidCirdrBlock.MaskLength')
    expect(await make('10.0.2.1/24')).toContain('400 InvalidCidrBlock.Malformed')
    expect(await make('10.0.2.0/24', 'cn-hangzhou-z')).toContain('404 InvalidZoneId.NotFound')
    expect(await make('10.0.2.0/24', 'eu-central-1a')).toContain('404 InvalidZoneId.NotFound')
    const racing = await Promise.all(
      Array.from({ length: 5 }, () =>
        cloud.call('Vpc', 'CreateVSwitch', {
          RegionId: regionId,
          VpcId,
          ZoneId: 'cn-hangzhou-b',
          CidrBlock: '10.0.9.0/24',
        }),
      ),
    )
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
    await removeVpc(VpcId)
  })
})

describe('route tables', () => {
  test('custom ones come, are followed, and go', async () => {
    const VpcId = await newVpc()
    const VSwitchId = await newVSwitch(VpcId, '10.0.1.0/24')
    const { RouteTableId } = await ok('CreateRouteTable', { VpcId, RouteTableName: 'mine', 'Tag.1.Key': 'k' })
    await ok('AssociateRouteTable', { RouteTableId, VSwitchId })
    const { RouterTableList } = await ok('DescribeRouteTableList', { RouteTableId })
    expect(RouterTableList.RouterTableListType).toMatchObject([
      { RouteTableName: 'mine', RouteTableType: 'Custom', VSwitchIds: { VSwitchId: [VSwitchId] } },
    ])
    expect((await ok('DescribeVSwitchAttributes', { VSwitchId })).RouteTable).toEqual({
      RouteTableId,
      RouteTableType: 'Custom',
    })
    expect(await refusal('DeleteRouteTable', { RouteTableId })).toContain('DependencyViolation.VSwitch')
    expect(await refusal('DeleteVSwitch', { VSwitchId })).toContain('DependencyViolation.RouteTable')
    await ok('UnassociateRouteTable', { RouteTableId, VSwitchId })
    expect(await refusal('UnassociateRouteTable', { RouteTableId, VSwitchId })).toContain('RouteTableNotAssociated')
    await ok('ModifyRouteTableAttributes', { RouteTableId, RouteTableName: 'yours' })
    const { RouteTables } = await ok('DescribeRouteTables', { RouteTableId })
    expect(RouteTables.RouteTable[0].RouteEntrys.RouteEntry).toMatchObject([
      { DestinationCidrBlock: '10.0.1.0/24', Type: 'System', NextHopType: 'local', Status: 'Available' },
      { DestinationCidrBlock: '100.64.0.0/10', Type: 'System', NextHopType: 'service' },
    ])
    await ok('DeleteRouteTable', { RouteTableId })
    expect(await refusal('DeleteRouteTable', { RouteTableId })).toContain('404 InvalidRouteTableId.NotFound')
    await removeVpc(VpcId)
  })

  test('routes lead to network interfaces; what they depend on stays', async () => {
    const { VpcId, RouteTableId } = await ok('CreateVpc', { CidrBlock: '10.0.0.0/16' })
    const VSwitchId = await newVSwitch(VpcId, '10.0.1.0/24')
    const ecs = async (action: string, parameters: Record<string, string>) =>
      (await cloud.call('Ecs', action, { RegionId: regionId, ...parameters })).body
    const { SecurityGroupId } = await ecs('CreateSecurityGroup', { VpcId })
    const { NetworkInterfaceId } = await ecs('CreateNetworkInterface', { VSwitchId, SecurityGroupId })
    const route = { RouteTableId, NextHopType: 'NetworkInterface', NextHopId: NetworkInterfaceId }
    const DestinationCidrBlock = '10.9.0.0/16'
    const { RouteEntryId } = await ok('CreateRouteEntry', { ...route, DestinationCidrBlock, RouteEntryName: 'r' })
    const create = (change: Record<string, string>) => refusal('CreateRouteEntry', { ...route, ...change })
    expect(await create({ DestinationCidrBlock })).toContain('RouterEntryConflict.Duplicated')
    expect(await create({ DestinationCidrBlock: '10.0.1.0/25' })).toContain('InvalidCIDRBlock.Duplicate')
    expect(await create({ DestinationCidrBlock: '100.64.0.0/16' })).toContain('InvalidCidrBlock.Malformed')
    expect(await create({ DestinationCidrBlock: '0.0.0.0/0', NextHopType: 'NatGateway' })).toContain('NextHopType')
    expect(await create({ DestinationCidrBlock: '0.0.0.0/0', NextHopId: 'eni-none' })).toContain('404 InvalidNextHop')
    const listed = await ok('DescribeRouteEntryList', { RouteTableId, RouteEntryType: 'Custom' })
    expect(listed.RouteEntrys.RouteEntry).toMatchObject([
      { RouteEntryId, RouteEntryName: 'r', NextHops: { NextHop: [{ NextHopId: NetworkInterfaceId }] } },
    ])
    const first = await ok('DescribeRouteEntryList', { RouteTableId, MaxResult: '2' })
    const rest = await ok('DescribeRouteEntryList', { RouteTableId, MaxResult: '2', NextToken: first.NextToken })
    expect([first.RouteEntrys.RouteEntry.length, rest.RouteEntrys.RouteEntry.length, rest.NextToken]).toEqual([
      2,
      1,
      '',
    ])
    expect((await ecs('DeleteNetworkInterface', { NetworkInterfaceId })).Code).toBe('DependencyViolation.RouteEntry')
    await ok('ModifyRouteEntry', { RouteEntryId, RouteEntryName: 's' })
    await ok('DeleteRouteEntry', { RouteTableId, DestinationCidrBlock, NextHopId: NetworkInterfaceId })
    expect(await refusal('DeleteRouteEntry', { RouteEntryId })).toContain('404 InvalidRouteEntry.NotFound')
    await ecs('DeleteNetworkInterface', { NetworkInterfaceId })
    expect(await refusal('DeleteVSwitch', { VSwitchId: 'vsw-none' })).toContain('404')
    await ok('DeleteVSwitch', { VSwitchId })
    expect(await refusal('DeleteVpc', { VpcId })).toContain('DependencyViolation.SecurityGroup')
    await ecs('DeleteSecurityGroup', { SecurityGroupId })
    await removeVpc(VpcId)
  })
})

describe('tags', () => {
  test('are set, listed by page, and removed', async () => {
    const vpcId = await newVpc()
    const about = { ResourceType: 'VPC', 'ResourceId.1': vpcId }
    await ok('TagResources', { ...about, 'Tag.1.Key': 'a', 'Tag.1.Value': '1', 'Tag.2.Key': 'b', 'Tag.2.Value': '2' })
    await ok('TagResources', { ...about, 'Tag.1.Key': 'a', 'Tag.1.Value': '3' })
    const first = await ok('ListTagResources', { ...about, MaxResults: '1' })
    expect(first.TagResources.TagResource).toEqual([
      { ResourceType: 'VPC', ResourceId: vpcId, TagKey: 'a', TagValue: '3' },
    ])
    const second = await ok('ListTagResources', { ...about, MaxResults: '1', NextToken: first.NextToken })
    expect(second.TagResources.TagResource).toMatchObject([{ TagKey: 'b' }])
    // The provider spells it so for other products; names of actions ignore case.
    await ok('UntagResources', { ...about, 'TagKey.1': 'a' })
    expect((await ok('ListTagResources', about)).TagResources.TagResource).toHaveLength(1)
    await ok('UnTagResources', { ...about, All: 'true' })
    expect((await ok('ListTagResources', about)).TagResources.TagResource).toEqual([])
    expect(await refusal('TagResources', { ...about, ResourceType: 'EIP', 'Tag.1.Key': 'a' })).toContain('"EIP"')
    await removeVpc(vpcId)
  })
})

test('regions and zones are those that are served, in the language asked for', async () => {
  const { Regions } = await ok('DescribeRegions', { AcceptLanguage: 'en-US' })
  expect(Regions.Region.map((region: { RegionId: string }) => region.RegionId)).toContain(regionId)
  const { Zones } = await ok('DescribeZones', { AcceptLanguage: 'en-US' })
  expect(Zones.Zone[0]).toMatchObject({ ZoneType: 'AvailabilityZone', LocalName: expect.stringContaining('Zone') })
})

test('another account and another region see nothing, and answer as if it did not exist', async () => {
  const { VpcId, RouteTableId, VRouterId } = await ok('CreateVpc', { CidrBlock: '10.0.0.0/16' })
  const VSwitchId = await newVSwitch(VpcId, '10.0.1.0/24')
  const questions: [string, Record<string, string>, string][] = [
    ['DescribeVpcAttribute', { VpcId }, VpcId],
    ['ModifyVpcAttribute', { VpcId, VpcName: 'x' }, VpcId],
    ['DeleteVpc', { VpcId }, VpcId],
    ['CreateVSwitch', { VpcId, ZoneId: 'cn-hangzhou-b', CidrBlock: '10.0.2.0/24' }, VpcId],
    ['AssociateVpcCidrBlock', { VpcId, SecondaryCidrBlock: '172.16.0.0/16' }, VpcId],
    ['UnassociateVpcCidrBlock', { VpcId, SecondaryCidrBlock: '172.16.0.0/16' }, VpcId],
    ['MoveResourceGroup', { ResourceType: 'vpc', ResourceId: VpcId, NewResourceGroupId: 'rg-1' }, VpcId],
    ['CreateRouteTable', { VpcId }, VpcId],
    ['DescribeVSwitchAttributes', { VSwitchId }, VSwitchId],
    ['ModifyVSwitchAttribute', { VSwitchId, VSwitchName: 'x' }, VSwitchId],
    ['DeleteVSwitch', { VSwitchId }, VSwitchId],
    ['DescribeRouteEntryList', { RouteTableId }, RouteTableId],
    ['ModifyRouteTableAttributes', { RouteTableId, RouteTableName: 'x' }, RouteTableId],
    ['DeleteRouteTable', { RouteTableId }, RouteTableId],
    ['AssociateRouteTable', { RouteTableId, VSwitchId }, RouteTableId],
    ['UnassociateRouteTable', { RouteTableId, VSwitchId }, RouteTableId],
    ['CreateRouteEntry', { RouteTableId, DestinationCidrBlock: '10.9.0.0/16', NextHopId: 'i-1' }, RouteTableId],
    ['DeleteRouteEntry', { RouteTableId, DestinationCidrBlock: '10.9.0.0/16', NextHopId: 'i-1' }, RouteTableId],
    ['TagResources', { ResourceType: 'VPC', 'ResourceId.1': VpcId, 'Tag.1.Key': 'a' }, VpcId],
    ['UnTagResources', { ResourceType: 'VPC', 'ResourceId.1': VpcId, 'TagKey.1': 'a' }, VpcId],
  ]
  for (const [action, parameters, id] of questions) {
    const unknown = Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, v === id ? 'x-none' : v]))
    const expected = (await refusal(action, unknown, other)).replaceAll('x-none', id)
    expect([action, expected]).toEqual([action, expect.stringContaining('404 ')])
    expect([action, await refusal(action, parameters, other)]).toEqual([action, expected])
    const elsewhere = await refusal(action, { ...parameters, RegionId: 'eu-central-1', ZoneId: 'eu-central-1a' })
    expect([action, elsewhere.split(':')[0]]).toEqual([action, expected.split(':')[0]])
  }
  for (const [action, filter] of [
    ['DescribeVpcs', { VpcId }],
    ['DescribeVSwitches', { VSwitchId }],
    ['DescribeRouteTableList', { RouteTableId }],
    ['DescribeRouteTables', { RouteTableId }],
    ['DescribeVRouters', { VRouterId }],
  ] as const) {
    expect((await ok(action, filter, other)).TotalCount).toBe(0)
    expect((await ok(action, filter)).TotalCount).toBe(1)
  }
  await removeVpc(VpcId)
})
