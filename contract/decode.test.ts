import * as sdk from '@alicloud/ecs20140526'
import { OpenApiUtil } from '@alicloud/openapi-core'
import * as ramSdk from '@alicloud/ram20150501'
import { describe, expect, test } from 'vitest'
import type { ActionRef } from './contract.ts'
import { getAction } from './contract.ts'
import { decodeRequest } from './decode.ts'
import { ContractError } from './errors.ts'
import * as ecs from './generated/ecs.ts'
import * as ram from './generated/ram.ts'
import * as vpc from './generated/vpc.ts'

function decode<Request>(action: ActionRef<Request>, parameters: Record<string, string>): Request {
  return decodeRequest(getAction(action), Object.entries(parameters))
}

function failure(run: () => unknown): { code: string; parameter: string; message: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof ContractError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('decodeRequest', () => {
  test('reads lists, structs and scalars of RunInstances', () => {
    const request = decode(ecs.RunInstances, {
      RegionId: 'cn-hangzhou',
      Amount: '3',
      DryRun: 'FALSE',
      'SystemDisk.Category': 'cloud_essd',
      'SystemDisk.Size': '40',
      'DataDisk.1.Size': '20',
      'DataDisk.7.Size': '30',
      'Tag.2.Key': 'b',
      'Tag.1.Key': 'a',
      'Tag.1.Value': '',
      'NetworkInterface.1.SecurityGroupIds.1': 'sg-1',
      'NetworkInterface.1.SecurityGroupIds.2': 'sg-2',
      NoSuchParameter: 'ignored',
      'Tag.1.NoSuch': 'ignored',
    })
    expect(request).toEqual({
      RegionId: 'cn-hangzhou',
      Amount: 3,
      DryRun: false,
      SystemDisk: { Category: 'cloud_essd', Size: '40' },
      DataDisk: [{ Size: 20 }, { Size: 30 }],
      Tag: [{ Key: 'a', Value: '' }, { Key: 'b' }],
      NetworkInterface: [{ SecurityGroupIds: ['sg-1', 'sg-2'] }],
    })
  })

  test('takes a name in another case, and the exact spelling wins', () => {
    const request = decode(ecs.RunInstances, {
      RegionId: 'r',
      'Tag.1.key': 'lower',
      'Tag.1.value': 'v',
      'Tag.2.Key': 'exact',
      'Tag.2.key': 'other',
    })
    expect(request.Tag).toEqual([{ Key: 'lower', Value: 'v' }, { Key: 'exact' }])
  })

  test('reads parameters that travel as JSON', () => {
    const request = decode(ecs.RunCommand, {
      RegionId: 'r',
      Type: 'RunShellScript',
      CommandContent: 'ZWNobw==',
      Parameters: '{"name":"x","__proto__":{"polluted":true}}',
    })
    expect(Object.keys(request.Parameters ?? {})).toEqual(['name', '__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(decode(ram.ListRoles, { Tag: '[{"Key":"a","Value":"b"}]' }).Tag).toEqual([{ Key: 'a', Value: 'b' }])
    expect(decode(ram.ListRoles, { 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' }).Tag).toEqual([{ Key: 'a', Value: 'b' }])
  })

  test.each([
    [{}, 'MissingParameter', 'RegionId'],
    [{ RegionId: '' }, 'MissingParameter', 'RegionId'],
    [{ RegionId: 'r', Amount: 'three' }, 'InvalidParameter', 'Amount'],
    [{ RegionId: 'r', Amount: '9007199254740993' }, 'InvalidParameter', 'Amount'],
    [{ RegionId: 'r', Amount: '0x10' }, 'InvalidParameter', 'Amount'],
    [{ RegionId: 'r', DryRun: 'yes' }, 'InvalidParameter', 'DryRun'],
    [{ RegionId: 'r', 'Tag.0.Key': 'a' }, 'InvalidParameter', 'Tag.0.Key'],
    [{ RegionId: 'r', 'Tag.1001.Key': 'a' }, 'InvalidParameter', 'Tag.1001.Key'],
    [{ RegionId: 'r', Tag: 'a' }, 'InvalidParameter', 'Tag'],
  ])('refuses %j', (parameters, code, parameter) => {
    expect(failure(() => decode(ecs.RunInstances, parameters as Record<string, string>))).toMatchObject({
      code,
      parameter,
    })
  })

  test('names the missing parameter', () => {
    expect(failure(() => decode(vpc.DescribeVpcs, {}))).toMatchObject({
      code: 'MissingParameter',
      parameter: 'RegionId',
    })
  })
})

describe('round trip with the SDK', () => {
  test('RunInstances arrives as the SDK was given it', () => {
    const given = new sdk.RunInstancesRequest({
      regionId: 'cn-hangzhou',
      amount: 2,
      dryRun: true,
      systemDisk: new sdk.RunInstancesRequestSystemDisk({ category: 'cloud_essd', size: '40' }),
      dataDisk: [new sdk.RunInstancesRequestDataDisk({ size: 20, category: 'cloud' })],
      securityGroupIds: ['sg-1', 'sg-2'],
      tag: [new sdk.RunInstancesRequestTag({ key: 'k', value: 'ü & b' })],
    })
    expect(decode(ecs.RunInstances, OpenApiUtil.query(given.toMap()))).toEqual(given.toMap())
  })

  test('the JSON parameter of ListRoles arrives as a list', () => {
    const tag = [new ramSdk.ListRolesRequestTag({ key: 'k', value: 'v' })]
    const text = OpenApiUtil.arrayToStringWithSpecifiedStyle(tag, 'Tag', 'json')
    expect(decode(ram.ListRoles, { Tag: text }).Tag).toEqual([{ Key: 'k', Value: 'v' }])
  })
})
