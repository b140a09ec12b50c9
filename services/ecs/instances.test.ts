/** Instances on the wire: the official SDK against a whole cloud whose machines are simulated. */
import * as $Ecs from '@alicloud/ecs20140526'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount
beforeAll(async () => {
  cloud = await startTestCloud({ machines: 4 })
  other = await cloud.newAccount()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const type = 'ecs.t5-lc2m1.nano'

async function run(fields: object = {}, account: TestAccount = cloud): Promise<string[]> {
  const request = new $Ecs.RunInstancesRequest({
    regionId: cloud.regionId,
    imageId: 'micro',
    instanceType: type,
    ...fields,
  })
  const { body } = await account.ecs.runInstances(request)
  return body?.instanceIdSets?.instanceIdSet ?? []
}

async function describeInstances(fields: object = {}, account: TestAccount = cloud) {
  const request = new $Ecs.DescribeInstancesRequest({ regionId: cloud.regionId, ...fields })
  const { body } = await account.ecs.describeInstances(request)
  return body!
}

async function find(instanceId: string) {
  const body = await describeInstances({ instanceIds: JSON.stringify([instanceId]) })
  return body.instances?.instance?.[0]
}

async function untilStatus(status: string, ...instanceIds: string[]) {
  await cloud.eventually(`${instanceIds.join()} ${status}`, async () => {
    const body = await describeInstances({ instanceIds: JSON.stringify(instanceIds), pageSize: 100 })
    return body.instances?.instance?.every((one) => one.status === status)
  })
}

async function remove(...instanceIds: string[]) {
  const request = new $Ecs.DeleteInstancesRequest({ regionId: cloud.regionId, instanceId: instanceIds, force: true })
  await cloud.ecs.deleteInstances(request)
}

const code = (name: string) => expect.objectContaining({ code: name })

describe('a life', () => {
  test('RunInstances, stop, start, reboot, and nothing is left after DeleteInstance', async () => {
    const [id = ''] = await run({
      instanceName: 'web',
      description: 'd',
      tag: [{ key: 'k', value: 'v' }],
      userData: 'ZWNobw==',
    })
    await untilStatus('Running', id)
    const before = await find(id)
    expect(before).toMatchObject({
      instanceId: id,
      instanceName: 'web',
      description: 'd',
      instanceType: type,
      cpu: 1,
      memory: 512,
      imageId: 'pileus_micro_x64.qcow2',
      instanceChargeType: 'PostPaid',
      stoppedMode: 'Not-applicable',
      tags: { tag: [{ tagKey: 'k', tagValue: 'v' }] },
      networkInterfaces: { networkInterface: [{ type: 'Primary' }] },
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'optional', httpPutResponseHopLimit: 1 },
    })
    const address = before?.vpcAttributes?.privateIpAddress?.ipAddress
    expect(address).toHaveLength(1)

    await cloud.ecs.stopInstance(new $Ecs.StopInstanceRequest({ instanceId: id }))
    expect((await find(id))?.status).toBe('Stopping')
    await untilStatus('Stopped', id)
    expect((await find(id))?.stoppedMode).toBe('KeepCharging')
    await cloud.ecs.startInstance(new $Ecs.StartInstanceRequest({ instanceId: id }))
    await untilStatus('Running', id)
    expect((await find(id))?.vpcAttributes?.privateIpAddress?.ipAddress).toEqual(address)
    await cloud.ecs.rebootInstance(new $Ecs.RebootInstanceRequest({ instanceId: id }))
    expect((await find(id))?.status).toBe('Starting')
    await untilStatus('Running', id)

    await expect(cloud.ecs.deleteInstance(new $Ecs.DeleteInstanceRequest({ instanceId: id }))).rejects.toEqual(
      code('IncorrectInstanceStatus'),
    )
    await cloud.ecs.deleteInstance(new $Ecs.DeleteInstanceRequest({ instanceId: id, force: true }))
    expect(await find(id)).toBeUndefined()
    await expectNothingLeft(id)
  })

  test('CreateInstance comes to rest in Stopped, and starts', async () => {
    const request = new $Ecs.CreateInstanceRequest({
      regionId: cloud.regionId,
      imageId: 'debian-12',
      instanceType: 'ecs.t6-c1m1.large',
    })
    const id = (await cloud.ecs.createInstance(request)).body?.instanceId ?? ''
    await untilStatus('Stopped', id)
    await cloud.ecs.startInstance(new $Ecs.StartInstanceRequest({ instanceId: id }))
    await untilStatus('Running', id)
    await remove(id)
    await expectNothingLeft(id)
  })

  test('a guest that shuts itself down leaves its instance Stopped', async () => {
    const [id = ''] = await run()
    await untilStatus('Running', id)
    cloud.running.engine.simulated?.shutDownByGuest(id)
    await untilStatus('Stopped', id)
    await remove(id)
  })

  test('StopCharging gives processors back and StartInstance takes them again', async () => {
    const [id = ''] = await run()
    await untilStatus('Running', id)
    const stop = new $Ecs.StopInstanceRequest({ instanceId: id, stoppedMode: 'StopCharging' })
    await cloud.ecs.stopInstance(stop)
    await untilStatus('Stopped', id)
    const reserved = async () => {
      const result = await cloud.running.store.pool.query(
        'select p.reserved_vcpus from ecs.host_pools p join ecs.instances i on i.pool_id = p.id where i.id = $1',
        [id],
      )
      return result.rows[0].reserved_vcpus as number
    }
    await cloud.eventually('processors given back', async () => (await reserved()) === 0)
    await cloud.ecs.startInstance(new $Ecs.StartInstanceRequest({ instanceId: id }))
    expect(await reserved()).toBe(1)
    await untilStatus('Running', id)
    await remove(id)
  })

  test('an instance whose release time has come is deleted', async () => {
    const [id = ''] = await run()
    await untilStatus('Running', id)
    await cloud.running.store.pool.query(
      `update ecs.instances set auto_release_at = now() - interval '1 second' where id = $1`,
      [id],
    )
    await cloud.running.reconcilers.passAll()
    expect(await find(id)).toBeUndefined()
    await expectNothingLeft(id)
  })

  test('the address of a deleted instance stays taken until its host has removed the machine', async () => {
    const [id = ''] = await run()
    await untilStatus('Running', id)
    const hosts = cloud.running.engine.simulated
    const agentId = hosts?.listMachines().find(({ machine }) => machine.id === id)?.agentId ?? ''
    hosts?.pause(agentId)
    await remove(id)
    expect((await describeInstances()).instances?.instance?.map((one) => one.instanceId)).not.toContain(id)
    const cards = () =>
      cloud.running.store.pool
        .query('select count(*)::int as n from vpc.nics where instance_id = $1', [id])
        .then((result) => result.rows[0].n as number)
    expect(await cards()).toBe(1)
    hosts?.resume(agentId)
    await cloud.eventually('the card is gone', async () => (await cards()) === 0)
    await expectNothingLeft(id)
  })
})

async function expectNothingLeft(instanceId: string) {
  const { pool } = cloud.running.store
  await cloud.eventually(`${instanceId} is released`, async () => {
    const result = await pool.query(
      `select (select count(*) from ecs.instances where id = $1)
        + (select count(*) from ecs.disks where instance_id = $1)
        + (select count(*) from vpc.nics where instance_id = $1)
        + (select count(*) from kernel.tags where resource_id = $1) as n`,
      [instanceId],
    )
    return Number(result.rows[0].n) === 0
  })
  expect(cloud.running.engine.simulated?.listMachines().map(({ machine }) => machine.id)).not.toContain(instanceId)
}

describe('RunInstances', () => {
  test('names in a sequence, with unique suffixes, or by id', async () => {
    const ids = await run({ amount: 2, instanceName: 'web[9,3]', hostName: 'h', uniqueSuffix: true })
    const rows = (await describeInstances({ instanceIds: JSON.stringify(ids) })).instances?.instance ?? []
    expect(rows.map((row) => row.instanceName).sort()).toEqual(['web009', 'web010'])
    expect(rows.map((row) => row.hostName).sort()).toEqual(['h001', 'h002'])
    const [plain = ''] = await run()
    expect(await find(plain)).toMatchObject({ instanceName: plain, hostName: `iZ${plain.slice(2)}Z` })
    await remove(...ids, plain)
  })

  test('a repeated ClientToken makes nothing more, and DryRun nothing at all', async () => {
    const clientToken = 'token-1'
    const first = await run({ clientToken })
    expect(await run({ clientToken })).toEqual(first)
    await expect(run({ clientToken, amount: 2 })).rejects.toEqual(code('IdempotentParameterMismatch'))
    const count = (await describeInstances()).totalCount
    await expect(run({ dryRun: true })).rejects.toEqual(code('DryRunOperation'))
    expect((await describeInstances()).totalCount).toBe(count)
    await remove(...first)
  })

  test.each([
    ['an unknown type', { instanceType: 'ecs.x.huge' }, 'InvalidInstanceType.ValueNotSupported'],
    ['an unknown image', { imageId: 'win' }, 'InvalidImageId.NotFound'],
    ['an unknown family', { imageId: undefined, imageFamily: 'win' }, 'InvalidImageFamily.NotFound'],
    ['no image', { imageId: undefined }, 'MissingParameter'],
    ['an unknown zone', { zoneId: 'cn-hangzhou-z' }, 'InvalidZoneId.NotFound'],
    ['an unknown vswitch', { vSwitchId: 'vsw-none' }, 'InvalidVSwitchId.NotFound'],
    ['an unknown security group', { securityGroupId: 'sg-none' }, 'InvalidSecurityGroupId.NotFound'],
    ['an unknown key pair', { keyPairName: 'none' }, 'InvalidKeyPairName.NotFound'],
    ['too many', { amount: 101 }, 'InvalidParameter'],
    ['subscription', { instanceChargeType: 'PrePaid' }, 'InvalidInstanceChargeType.ValueNotSupported'],
    ['spot', { spotStrategy: 'SpotAsPriceGo' }, 'InvalidSpotStrategy.ValueNotSupported'],
    ['a password', { password: 'Aa1!aaaa' }, 'InvalidParameter'],
    ['a public address', { internetMaxBandwidthOut: 1 }, 'InvalidParameter'],
    ['a bad name', { instanceName: '1x' }, 'InvalidInstanceName.Malformed'],
    ['a bad host name', { hostName: '-x' }, 'InvalidHostName.Malformed'],
    ['bad user data', { userData: '*' }, 'InvalidUserData.Base64FormatInvalid'],
    ['a disk smaller than the image', { systemDisk: { size: '1' } }, 'InvalidSystemDiskSize.ValueNotSupported'],
    ['an unknown disk category', { systemDisk: { category: 'x' } }, 'InvalidSystemDiskCategory.ValueNotSupported'],
    ['a data disk without a size', { dataDisk: [{ category: 'cloud_ssd' }] }, 'MissingParameter'],
    ['a tag of the vendor', { tag: [{ key: 'acs:x', value: '' }] }, 'InvalidTagKey.Malformed'],
  ])('refuses %s', async (_what, fields, expected) => {
    await expect(run(fields)).rejects.toEqual(code(expected))
  })

  test('makes as many as there is room for, when MinAmount allows', async () => {
    const { pool } = cloud.running.store
    const memory = await pool.query('select id, memory_mib from ecs.host_pools')
    await pool.query('update ecs.host_pools set memory_mib = reserved_memory_mib')
    await pool.query('update ecs.host_pools set memory_mib = reserved_memory_mib + 1200 where id = $1', [
      memory.rows[0].id,
    ])
    const ids = await run({ amount: 5, minAmount: 1 })
    expect(ids).toHaveLength(2)
    await expect(run({ amount: 2 })).rejects.toMatchObject({ code: 'OperationDenied.NoStock' })
    for (const row of memory.rows) {
      await pool.query('update ecs.host_pools set memory_mib = $2 where id = $1', [row.id, row.memory_mib])
    }
    await untilStatus('Running', ...ids)
    const cards = await pool.query('select count(*)::int as n from vpc.nics where instance_id = any($1)', [ids])
    expect(cards.rows[0].n).toBe(2)
    await remove(...ids)
  })

  test('answers OperationDenied.NoStock, saying what is short, and leaves nothing', async () => {
    const refused = run({ instanceType: 'ecs.r6.26xlarge', amount: 100 })
    await expect(refused).rejects.toMatchObject({ code: 'OperationDenied.NoStock', statusCode: 403 })
    const result = await cloud.running.store.pool.query('select sum(reserved_vcpus)::int as n from ecs.host_pools')
    const held = (await describeInstances({ pageSize: 100 })).instances?.instance ?? []
    expect(result.rows[0].n).toBe(held.reduce((sum, one) => sum + (one.cpu ?? 0), 0))
  })

  test('makes data disks, listed with their devices', async () => {
    const [id = ''] = await run({
      systemDisk: { size: '40', category: 'cloud_essd' },
      dataDisk: [{ size: 30, diskName: 'data' }],
    })
    const request = new $Ecs.DescribeDisksRequest({ regionId: cloud.regionId, instanceId: id })
    const disks = (await cloud.ecs.describeDisks(request)).body?.disks?.disk ?? []
    expect(disks).toHaveLength(2)
    expect(disks.find((disk) => disk.type === 'system')).toMatchObject({
      size: 40,
      category: 'cloud_essd',
      performanceLevel: 'PL1',
      device: '/dev/xvda',
      status: 'In_use',
    })
    expect(disks.find((disk) => disk.type === 'data')).toMatchObject({
      size: 30,
      diskName: 'data',
      device: '/dev/xvdb',
    })
    await remove(id)
  })
})

describe('DescribeInstances', () => {
  let ids: string[]
  beforeAll(async () => {
    ids = await run({ amount: 3, instanceName: 'filter[1,1]', tag: [{ key: 'f', value: '1' }] })
  })
  afterAll(async () => remove(...ids))

  test('finds by each filter', async () => {
    const [id = ''] = ids
    const one = await find(id)
    const ip = one?.vpcAttributes?.privateIpAddress?.ipAddress?.[0]
    const found = async (fields: object) => {
      const body = await describeInstances({ pageSize: 100, ...fields })
      return new Set(body.instances?.instance?.map((row) => row.instanceId))
    }
    const all = new Set(ids)
    expect(await found({ instanceName: 'filter*' })).toEqual(all)
    expect(await found({ instanceName: one?.instanceName })).toEqual(new Set([id]))
    expect(await found({ tag: [{ key: 'f', value: '1' }] })).toEqual(all)
    expect(await found({ tag: [{ key: 'f', value: '2' }] })).toEqual(new Set())
    expect(await found({ privateIpAddresses: JSON.stringify([ip]), vpcId: one?.vpcAttributes?.vpcId })).toEqual(
      new Set([id]),
    )
    for (const fields of [
      { vpcId: one?.vpcAttributes?.vpcId },
      { vSwitchId: one?.vpcAttributes?.vSwitchId },
      { zoneId: one?.zoneId },
      { instanceType: type },
      { instanceTypeFamily: 'ecs.t5' },
      { imageId: one?.imageId },
      { securityGroupId: one?.securityGroupIds?.securityGroupId?.[0] },
      { instanceNetworkType: 'vpc' },
      { instanceChargeType: 'PostPaid' },
      { httpTokens: 'optional' },
    ]) {
      const answer = await found(fields)
      expect(ids.every((each) => answer.has(each))).toBe(true)
    }
    for (const fields of [
      { vpcId: 'vpc-none' },
      { zoneId: 'cn-hangzhou-none' },
      { status: 'Stopping' },
      { keyPairName: 'none' },
      { imageId: 'none' },
      { instanceNetworkType: 'classic' },
      { publicIpAddresses: '["1.2.3.4"]' },
      { instanceIds: '[]' },
    ]) {
      expect(await found(fields)).toEqual(new Set())
    }
  })

  test('pages by number and by token, counting all', async () => {
    const second = await describeInstances({ instanceName: 'filter*', pageNumber: 2, pageSize: 2 })
    expect(second).toMatchObject({ totalCount: 3, pageNumber: 2, pageSize: 2 })
    expect(second.instances?.instance).toHaveLength(1)
    const first = await describeInstances({ instanceName: 'filter*', maxResults: 2 })
    const rest = await describeInstances({ instanceName: 'filter*', maxResults: 2, nextToken: first.nextToken })
    const seen = [...(first.instances?.instance ?? []), ...(rest.instances?.instance ?? [])].map(
      (one) => one.instanceId,
    )
    expect(seen.sort()).toEqual([...ids].sort())
    expect(rest.nextToken).toBe('')
  })

  test('counts all instances of the account without a filter', async () => {
    const result = await cloud.running.store.pool.query(
      'select count(*)::int as n from ecs.instances where account_id = $1 and deleted_at is null',
      [cloud.accountId],
    )
    expect((await describeInstances()).totalCount).toBe(result.rows[0].n)
  })

  test('refuses malformed lists and pages', async () => {
    await expect(describeInstances({ instanceIds: 'i-1' })).rejects.toEqual(code('InvalidInstanceIds.Malformed'))
    await expect(describeInstances({ pageSize: 101 })).rejects.toEqual(code('InvalidParameter'))
    await expect(describeInstances({ nextToken: 'x' })).rejects.toEqual(code('InvalidParameter'))
  })
})

test('another account sees and changes nothing', async () => {
  const [id = ''] = await run({ deletionProtection: true })
  await untilStatus('Running', id)
  expect((await describeInstances({ instanceIds: JSON.stringify([id]) }, other)).instances?.instance).toEqual([])
  expect((await describeInstances({}, other)).totalCount).toBe(0)
  const { ecs } = other
  const regionId = cloud.regionId
  const attempts: Record<string, () => Promise<unknown>> = {
    start: () => ecs.startInstance(new $Ecs.StartInstanceRequest({ instanceId: id })),
    stop: () => ecs.stopInstance(new $Ecs.StopInstanceRequest({ instanceId: id })),
    reboot: () => ecs.rebootInstance(new $Ecs.RebootInstanceRequest({ instanceId: id })),
    delete: () => ecs.deleteInstance(new $Ecs.DeleteInstanceRequest({ instanceId: id, force: true })),
    modify: () =>
      ecs.modifyInstanceAttribute(new $Ecs.ModifyInstanceAttributeRequest({ instanceId: id, instanceName: 'mine' })),
    attribute: () => ecs.describeInstanceAttribute(new $Ecs.DescribeInstanceAttributeRequest({ instanceId: id })),
    userData: () => ecs.describeUserData(new $Ecs.DescribeUserDataRequest({ regionId, instanceId: id })),
    console: () => ecs.getInstanceConsoleOutput(new $Ecs.GetInstanceConsoleOutputRequest({ regionId, instanceId: id })),
    batch: () => ecs.stopInstances(new $Ecs.StopInstancesRequest({ regionId, instanceId: [id] })),
    command: () =>
      ecs.runCommand(
        new $Ecs.RunCommandRequest({ regionId, instanceId: [id], type: 'RunShellScript', commandContent: 'id' }),
      ),
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    await expect(attempt(), name).rejects.toEqual(code('InvalidInstanceId.NotFound'))
  }
  await expect(remove(id)).rejects.toEqual(code('InvalidOperation.DeletionProtection'))
  await cloud.ecs.modifyInstanceAttribute(
    new $Ecs.ModifyInstanceAttributeRequest({ instanceId: id, deletionProtection: false }),
  )
  await remove(id)
})
