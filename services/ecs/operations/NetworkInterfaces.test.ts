import { findAction, findProduct } from '@pileus/contract/contract'
import { checkResponse, completeResponse } from '@pileus/contract/encode'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount
let VpcId: string
let VSwitchId: string
let SecurityGroupId: string

const regionId = 'cn-hangzhou'

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  const vpc = await cloud.call('Vpc', 'CreateVpc', { RegionId: regionId, CidrBlock: '10.0.0.0/16' })
  VpcId = vpc.body.VpcId
  const place = { RegionId: regionId, VpcId, ZoneId: 'cn-hangzhou-b', CidrBlock: '10.0.1.0/24' }
  VSwitchId = (await cloud.call('Vpc', 'CreateVSwitch', place)).body.VSwitchId
  SecurityGroupId = (await ok('CreateSecurityGroup', { VpcId })).SecurityGroupId
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

async function newNic(parameters: Record<string, string> = {}): Promise<string> {
  return (await ok('CreateNetworkInterface', { VSwitchId, SecurityGroupId, ...parameters })).NetworkInterfaceId
}

const model = (name: string, fields: object) => new (sdkModel('@alicloud/ecs20140526', `${name}Request`))(fields)

test('the SDK makes, describes, changes and deletes a network interface', async () => {
  const made = await cloud.ecs.createNetworkInterface(
    model('CreateNetworkInterface', {
      regionId,
      vSwitchId: VSwitchId,
      securityGroupIds: [SecurityGroupId],
      primaryIpAddress: '10.0.1.50',
      secondaryPrivateIpAddressCount: 2,
      networkInterfaceName: 'second',
      tag: [{ key: 'k', value: 'v' }],
    }),
  )
  const networkInterfaceId = made.body?.networkInterfaceId ?? ''
  expect(made.body).toMatchObject({ type: 'Secondary', status: 'Available', privateIpAddress: '10.0.1.50' })
  expect(made.body?.macAddress).toMatch(/^00:16:3e(:[0-9a-f]{2}){3}$/)
  expect(made.body?.privateIpSets?.privateIpSet).toHaveLength(3)
  const { body } = await cloud.ecs.describeNetworkInterfaces(
    model('DescribeNetworkInterfaces', { regionId, networkInterfaceId: [networkInterfaceId] }),
  )
  expect(body?.networkInterfaceSets?.networkInterfaceSet).toMatchObject([
    {
      networkInterfaceId,
      networkInterfaceName: 'second',
      vpcId: VpcId,
      vSwitchId: VSwitchId,
      zoneId: 'cn-hangzhou-b',
      securityGroupIds: { securityGroupId: [SecurityGroupId] },
      tags: { tag: [{ tagKey: 'k', tagValue: 'v' }] },
      deleteOnRelease: true,
    },
  ])
  const NetworkInterfaceId = networkInterfaceId
  await ok('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, NetworkInterfaceName: 'third', Description: 'dd' })
  const about = await ok('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId })
  expect(about).toMatchObject({ NetworkInterfaceName: 'third', Description: 'dd', Status: 'Available' })
  await ok('DeleteNetworkInterface', { NetworkInterfaceId })
  expect(await refusal('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId })).toContain('404 InvalidEniId')
})

test('addresses are given once, from the vswitch, and come back', async () => {
  const NetworkInterfaceId = await newNic({ 'PrivateIpAddress.1': '10.0.1.100' })
  const assign = (parameters: Record<string, string>) =>
    refusal('AssignPrivateIpAddresses', { NetworkInterfaceId, ...parameters })
  expect(await assign({ 'PrivateIpAddress.1': '10.0.1.100' })).toContain('403 InvalidIp.IpAssigned')
  expect(await assign({ 'PrivateIpAddress.1': '10.0.1.253' })).toContain('403 InvalidVSwitchId.IpInvalid')
  expect(await assign({ 'PrivateIpAddress.1': '10.0.1.9', 'PrivateIpAddress.2': '10.0.1.9' })).toContain('IpRepeated')
  expect(await assign({})).toContain('400 MissingParameter')
  expect(await assign({ SecondaryPrivateIpAddressCount: '49' })).toContain('403 InvalidOperation.Ipv4CountExceeded')
  const { AssignedPrivateIpAddressesSet } = await ok('AssignPrivateIpAddresses', {
    NetworkInterfaceId,
    SecondaryPrivateIpAddressCount: '3',
  })
  const ips: string[] = AssignedPrivateIpAddressesSet.PrivateIpSet.PrivateIpAddress
  expect(new Set(ips).size).toBe(3)
  const found = await ok('DescribeNetworkInterfaces', { 'PrivateIpAddress.1': ips[0] ?? '' })
  expect(found.NetworkInterfaceSets.NetworkInterfaceSet).toMatchObject([{ NetworkInterfaceId }])
  await ok('UnassignPrivateIpAddresses', { NetworkInterfaceId, 'PrivateIpAddress.1': ips[0] ?? '' })
  expect(
    await refusal('UnassignPrivateIpAddresses', { NetworkInterfaceId, 'PrivateIpAddress.1': ips[0] ?? '' }),
  ).toContain('403 InvalidIp.IpUnassigned')
  const { PrivateIpAddress } = await ok('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId })
  expect(
    await refusal('UnassignPrivateIpAddresses', { NetworkInterfaceId, 'PrivateIpAddress.1': PrivateIpAddress }),
  ).toContain('403 InvalidIp.IpUnassigned')
  await ok('DeleteNetworkInterface', { NetworkInterfaceId })
})

test('what is not valid is refused with its code', async () => {
  const make = (parameters: Record<string, string>) =>
    refusal('CreateNetworkInterface', { VSwitchId, SecurityGroupId, ...parameters })
  expect(await make({ VSwitchId: 'vsw-none' })).toContain('404 InvalidVSwitchId.NotFound')
  expect(await make({ SecurityGroupId: 'sg-none' })).toContain('404 InvalidSecurityGroupId.NotFound')
  expect(await make({ SecurityGroupId: '' })).toContain('400 MissingParameter')
  expect(await make({ PrimaryIpAddress: '10.0.2.1' })).toContain('403 InvalidVSwitchId.IpInvalid')
  expect(await make({ Ipv6AddressCount: '1' })).toContain('Ipv6AddressCount')
  expect(await make({ NetworkInterfaceName: '9' })).toContain('400 InvalidEniName.Malformed')
  const vpc = await cloud.call('Vpc', 'CreateVpc', { RegionId: regionId })
  const elsewhere = (await ok('CreateSecurityGroup', { VpcId: vpc.body.VpcId })).SecurityGroupId
  expect(await make({ SecurityGroupId: elsewhere })).toContain('400 InvalidSecurityGroupId.VPCMismatch')
  expect((await ok('DescribeNetworkInterfaces')).TotalCount).toBe(0)
  expect((await ok('DescribeNetworkInterfaces', { PrimaryIpAddress: 'nonsense' })).TotalCount).toBe(0)
})

test('lists page in both styles and filter', async () => {
  const ids = [await newNic({ NetworkInterfaceName: 'n1' }), await newNic({ NetworkInterfaceName: 'n2' })]
  const idsOf = (body: { NetworkInterfaceSets: { NetworkInterfaceSet: { NetworkInterfaceId: string }[] } }) =>
    body.NetworkInterfaceSets.NetworkInterfaceSet.map((nic) => nic.NetworkInterfaceId)
  const list = async (parameters: Record<string, string>) => idsOf(await ok('DescribeNetworkInterfaces', parameters))
  const first = await ok('DescribeNetworkInterfaces', { MaxResults: '1', VSwitchId })
  const second = await ok('DescribeNetworkInterfaces', { MaxResults: '1', VSwitchId, NextToken: first.NextToken })
  expect([...idsOf(first), ...idsOf(second), second.NextToken]).toEqual([...ids, ''])
  const foreign = Buffer.from('1:elsewhere').toString('base64url')
  expect(await refusal('DescribeNetworkInterfaces', { NextToken: foreign })).toContain('400 InvalidParameter')
  expect(await list({ PageSize: '1', PageNumber: '2' })).toEqual([ids[1]])
  expect(await list({ NetworkInterfaceName: 'n2' })).toEqual([ids[1]])
  expect(await list({ Status: 'InUse' })).toEqual([])
  expect(await list({ Type: 'Secondary', VpcId, SecurityGroupId, Status: 'Available' })).toEqual(ids)
  expect(await list({ 'NetworkInterfaceId.1': ids[1] ?? '' })).toEqual([ids[1]])
  for (const NetworkInterfaceId of ids) await ok('DeleteNetworkInterface', { NetworkInterfaceId })
})

test('a secondary interface is attached to a stopped instance and taken off again', async () => {
  const images = await ok('DescribeImages')
  const made = await ok('CreateInstance', {
    ImageId: images.Images.Image[0].ImageId,
    InstanceType: 'ecs.c5.large',
    VSwitchId,
    SecurityGroupId,
    ZoneId: 'cn-hangzhou-b',
  })
  const InstanceId: string = made.InstanceId
  await cloud.eventually('the instance stops', async () => {
    const { Instances } = await ok('DescribeInstances', { InstanceIds: JSON.stringify([InstanceId]) })
    return Instances.Instance[0]?.Status === 'Stopped'
  })
  const NetworkInterfaceId = await newNic()
  const both = { InstanceId, NetworkInterfaceId }
  await ok('AttachNetworkInterface', both)
  await ok('AttachNetworkInterface', both)
  const attached = await ok('DescribeNetworkInterfaces', { InstanceId })
  expect(attached.NetworkInterfaceSets.NetworkInterfaceSet).toHaveLength(2)
  expect(await ok('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId })).toMatchObject({
    Status: 'InUse',
    InstanceId,
    Attachment: { InstanceId },
  })
  expect(await refusal('DeleteNetworkInterface', { NetworkInterfaceId })).toContain('InvalidOperation.InvalidEniState')
  expect(await refusal('AttachNetworkInterface', { ...both, NetworkInterfaceId: await newNic() })).toContain(
    '403 EniPerInstanceLimitExceeded',
  )
  const { NetworkInterfaceSets } = await ok('DescribeNetworkInterfaces', { InstanceId, Type: 'Primary' })
  const primary: string = NetworkInterfaceSets.NetworkInterfaceSet[0].NetworkInterfaceId
  expect(await refusal('DetachNetworkInterface', { InstanceId, NetworkInterfaceId: primary })).toContain(
    '400 InvalidOperation.DetachPrimaryEniNotAllowed',
  )
  await ok('DetachNetworkInterface', both)
  await ok('DetachNetworkInterface', both)
  expect(await refusal('AttachNetworkInterface', { ...both, InstanceId: 'i-none' })).toContain('404 InvalidInstanceId')
  await ok('DeleteNetworkInterface', { NetworkInterfaceId })
  await ok('DeleteInstance', { InstanceId, Force: 'true' })
})

test('another account and another region see nothing, and answer as if it did not exist', async () => {
  const NetworkInterfaceId = await newNic()
  const questions: [string, Record<string, string>][] = [
    ['DescribeNetworkInterfaceAttribute', { NetworkInterfaceId }],
    ['ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Description: 'stolen' }],
    ['DeleteNetworkInterface', { NetworkInterfaceId }],
    ['AssignPrivateIpAddresses', { NetworkInterfaceId, SecondaryPrivateIpAddressCount: '1' }],
    ['UnassignPrivateIpAddresses', { NetworkInterfaceId, 'PrivateIpAddress.1': '10.0.1.1' }],
    ['CreateNetworkInterface', { VSwitchId, SecurityGroupId }],
  ]
  for (const [action, parameters] of questions) {
    expect([action, await refusal(action, parameters, other)]).toEqual([action, expect.stringContaining('404 Invalid')])
    const elsewhere = await refusal(action, { ...parameters, RegionId: 'eu-central-1' })
    expect([action, elsewhere]).toEqual([action, expect.stringContaining('404 Invalid')])
  }
  expect((await ok('DescribeNetworkInterfaces', {}, other)).TotalCount).toBe(0)
  await ok('DeleteNetworkInterface', { NetworkInterfaceId })
})
