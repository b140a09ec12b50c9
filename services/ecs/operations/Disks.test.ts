/** Disks on the wire: the official SDK against a whole cloud whose machines are simulated. */
import * as $Ecs from '@alicloud/ecs20140526'
import { readLedger } from '@pileus/testkit/ledger'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount
const zoneId = 'cn-hangzhou-b'

beforeAll(async () => {
  cloud = await startTestCloud({ machines: 2 })
  other = await cloud.newAccount()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const code = (name: string) => expect.objectContaining({ code: name })

async function create(fields: object = {}, account: TestAccount = cloud): Promise<string> {
  const request = new $Ecs.CreateDiskRequest({ regionId: cloud.regionId, zoneId, size: 20, ...fields })
  return (await account.ecs.createDisk(request)).body?.diskId ?? ''
}

async function launch(fields: object = {}): Promise<string> {
  const place = { regionId: cloud.regionId, zoneId, imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano' }
  const { body } = await cloud.ecs.runInstances(new $Ecs.RunInstancesRequest({ ...place, ...fields }))
  const [id = ''] = body?.instanceIdSets?.instanceIdSet ?? []
  await untilInstance(id, 'Running')
  return id
}

async function untilInstance(instanceId: string, status: string): Promise<void> {
  await cloud.eventually(`${instanceId} ${status}`, async () => {
    const request = new $Ecs.DescribeInstanceStatusRequest({ regionId: cloud.regionId, instanceId: [instanceId] })
    const { body } = await cloud.ecs.describeInstanceStatus(request)
    return body?.instanceStatuses?.instanceStatus?.[0]?.status === status
  })
}

async function list(fields: object, account: TestAccount = cloud) {
  const { body } = await account.ecs.describeDisks(
    new $Ecs.DescribeDisksRequest({ regionId: cloud.regionId, ...fields }),
  )
  return body?.disks?.disk ?? []
}

const find = async (diskId: string) => (await list({ diskIds: JSON.stringify([diskId]) }))[0]

async function until(diskId: string, status: string | undefined): Promise<void> {
  await cloud.eventually(`${diskId} ${status}`, async () => (await find(diskId))?.status === status)
}

const attach = (diskId: string, instanceId: string, fields: object = {}, account: TestAccount = cloud) =>
  account.ecs.attachDisk(new $Ecs.AttachDiskRequest({ diskId, instanceId, ...fields }))
const detach = (diskId: string, instanceId: string) =>
  cloud.ecs.detachDisk(new $Ecs.DetachDiskRequest({ diskId, instanceId }))
const remove = (diskId: string, account: TestAccount = cloud) =>
  account.ecs.deleteDisk(new $Ecs.DeleteDiskRequest({ diskId }))
const resize = (diskId: string, newSize: number, type: string) =>
  cloud.ecs.resizeDisk(new $Ecs.ResizeDiskRequest({ diskId, newSize, type }))
const stop = async (instanceId: string) => {
  await cloud.ecs.stopInstance(new $Ecs.StopInstanceRequest({ instanceId, forceStop: true }))
  await untilInstance(instanceId, 'Stopped')
}
const deleteInstance = (instanceId: string) =>
  cloud.ecs.deleteInstance(new $Ecs.DeleteInstanceRequest({ instanceId, force: true }))

/** The row itself, which is gone only when the host has confirmed it. */
const rowsOf = async (diskId: string): Promise<number> =>
  (await cloud.running.store.pool.query('select from ecs.disks where id = $1', [diskId])).rowCount ?? 0

test('a disk is made, attached, resized, detached and deleted, and the books are right', async () => {
  const before = await readLedger(cloud.running.store.pool)
  const tag = [{ key: 'k', value: 'v' }]
  const diskId = await create({ diskName: 'data', description: 'd', diskCategory: 'cloud_essd', tag })
  expect(await find(diskId)).toMatchObject({
    status: 'Available',
    size: 20,
    category: 'cloud_essd',
    performanceLevel: 'PL1',
    diskName: 'data',
    description: 'd',
    type: 'data',
    zoneId,
    portable: true,
    deleteWithInstance: false,
    encrypted: false,
    instanceId: '',
    tags: { tag: [{ tagKey: 'k', tagValue: 'v' }] },
  })
  const instanceId = await launch({ dataDisk: [{ size: 20 }] })
  await attach(diskId, instanceId, { deleteWithInstance: true })
  await until(diskId, 'In_use')
  expect(await find(diskId)).toMatchObject({ instanceId, device: '/dev/xvdc', deleteWithInstance: true })
  await resize(diskId, 30, 'online')
  await detach(diskId, instanceId)
  await until(diskId, 'Available')
  expect(await find(diskId)).toMatchObject({ instanceId: '', device: '', size: 30, deleteWithInstance: false })
  expect((await find(diskId))?.detachedTime).not.toBe('')
  await resize(diskId, 40, 'offline')
  await stop(instanceId)
  await attach(diskId, instanceId, { device: '/dev/xvdz' })
  await until(diskId, 'In_use')
  expect((await find(diskId))?.device).toBe('/dev/xvdz')
  await detach(diskId, instanceId)
  await until(diskId, 'Available')
  await remove(diskId)
  expect(await find(diskId)).toBeUndefined()
  await remove(diskId)
  await deleteInstance(instanceId)
  await cloud.eventually('the row goes', async () => (await rowsOf(diskId)) === 0)
  await cloud.eventually('all is given back', async () => {
    const { disks, reservedDiskGiB } = await readLedger(cloud.running.store.pool)
    return disks === before.disks && reservedDiskGiB === before.reservedDiskGiB
  })
  expect((await readLedger(cloud.running.store.pool)).faults).toEqual([])
})

test('a disk that is to stay outlives its instance, and nothing else does', async () => {
  const instanceId = await launch({ dataDisk: [{ size: 20, deleteWithInstance: false }, { size: 20 }] })
  const attached = await create()
  await attach(attached, instanceId)
  await until(attached, 'In_use')
  const [system, stays, goes] = (await list({ instanceId })).sort((a, b) => (a.device! < b.device! ? -1 : 1))
  const keep = new $Ecs.ModifyDiskAttributeRequest({ diskId: system?.diskId, deleteWithInstance: false })
  await expect(cloud.ecs.modifyDiskAttribute(keep)).rejects.toEqual(code('InvalidParameter'))
  await deleteInstance(instanceId)
  const stay = stays?.diskId ?? ''
  for (const diskId of [stay, attached]) await until(diskId, 'Available')
  for (const disk of [system, goes]) expect(await find(disk?.diskId ?? '')).toBeUndefined()
  const next = await launch()
  await attach(stay, next).catch((error) => expect(error).toEqual(code('DiskNotPortable')))
  await deleteInstance(next)
  await until(stay, 'Available')
  expect((await readLedger(cloud.running.store.pool)).faults).toEqual([])
})

test('a disk of a stopped instance begins anew', async () => {
  const instanceId = await launch({ dataDisk: [{ size: 20 }] })
  const diskId = (await list({ instanceId, diskType: 'data' }))[0]?.diskId ?? ''
  const reinit = (fields: object = {}) => cloud.ecs.reInitDisk(new $Ecs.ReInitDiskRequest({ diskId, ...fields }))
  await expect(reinit()).rejects.toEqual(code('IncorrectInstanceStatus'))
  await stop(instanceId)
  await reinit()
  await until(diskId, 'In_use')
  const incarnations = cloud.running.store.pool.query('select observed_incarnation from ecs.disks where id = $1', [
    diskId,
  ])
  expect((await incarnations).rows).toEqual([{ observed_incarnation: 2 }])
  await reinit({ autoStartInstance: true })
  await untilInstance(instanceId, 'Running')
  await until(diskId, 'In_use')
  await deleteInstance(instanceId)
})

test('an encrypted disk is attached only while its key may be used', async () => {
  const key = await cloud.call('Kms', 'CreateKey', {})
  const kMSKeyId = key.body.KeyMetadata.KeyId
  const diskId = await create({ encrypted: true, KMSKeyId: kMSKeyId })
  expect(await find(diskId)).toMatchObject({ encrypted: true, KMSKeyId: kMSKeyId })
  const instanceId = await launch()
  await cloud.call('Kms', 'DisableKey', { KeyId: kMSKeyId })
  await expect(attach(diskId, instanceId)).rejects.toEqual(code('InvalidParameter.KMSKeyId.CMKNotEnabled'))
  await cloud.call('Kms', 'EnableKey', { KeyId: kMSKeyId })
  await stop(instanceId)
  await attach(diskId, instanceId)
  await until(diskId, 'In_use')
  await deleteInstance(instanceId)
  await until(diskId, 'Available')
})

describe('refusals', () => {
  let instanceId: string
  let diskId: string
  beforeAll(async () => {
    instanceId = await launch({ dataDisk: [{ size: 20 }] })
    diskId = await create({ diskName: 'free' })
  })

  test.each<[object, string]>([
    [{ size: undefined }, 'MissingParameter'],
    [{ zoneId: undefined }, 'MissingParameter'],
    [{ zoneId: 'cn-hangzhou-none' }, 'InvalidZoneId.NotFound'],
    [{ size: 4 }, 'InvalidSize.ValueNotSupported'],
    [{ size: 1_000_000 }, 'InvalidSize.ValueNotSupported'],
    [{ diskCategory: 'floppy' }, 'InvalidDiskCategory.ValueNotSupported'],
    [{ diskName: 'a' }, 'InvalidDiskName.Malformed'],
    [{ instanceId: 'i-1' }, 'InvalidParameter'],
    [{ snapshotId: 's-1' }, 'InvalidParameter'],
    [{ multiAttach: 'Enabled' }, 'InvalidParameter'],
    [{ KMSKeyId: 'key' }, 'InvalidParameter'],
  ])('CreateDisk with %j answers %s', async (fields, expected) => {
    await expect(create(fields)).rejects.toEqual(code(expected))
  })

  test('AttachDisk asks for a free disk of the zone, a device that is free, and ids that are one’s own', async () => {
    await expect(attach('d-none', instanceId)).rejects.toEqual(code('InvalidDiskId.NotFound'))
    await expect(attach(diskId, 'i-none')).rejects.toEqual(code('InvalidInstanceId.NotFound'))
    await expect(attach(diskId, instanceId, {}, other)).rejects.toEqual(code('InvalidInstanceId.NotFound'))
    await expect(attach(diskId, instanceId, { device: '/dev/xvdb' })).rejects.toEqual(code('InvalidDevice.InUse'))
    await expect(attach(diskId, instanceId, { device: '/dev/sda' })).rejects.toEqual(code('InvalidDevice.Malformed'))
    const [, data] = await list({ instanceId })
    await expect(attach(data?.diskId ?? '', instanceId)).rejects.toEqual(code('IncorrectDiskStatus'))
    const elsewhere = await create({ zoneId: 'cn-hangzhou-g' })
    await expect(attach(elsewhere, instanceId)).rejects.toEqual(code('ResourcesNotInSameZone'))
  })

  test('DetachDisk asks for a data disk of that instance', async () => {
    const [system] = await list({ instanceId, diskType: 'system' })
    await expect(detach(diskId, instanceId)).rejects.toEqual(code('DependencyViolation'))
    await expect(detach(system?.diskId ?? '', instanceId)).rejects.toEqual(code('DiskTypeViolation'))
  })

  test('DeleteDisk asks for a free disk; another account’s is one that does not exist', async () => {
    const [data] = await list({ instanceId, diskType: 'data' })
    await expect(remove(data?.diskId ?? '')).rejects.toEqual(code('IncorrectDiskStatus'))
    await remove(diskId, other)
    expect((await find(diskId))?.status).toBe('Available')
  })

  test('an instance has sixteen data disks at most', async () => {
    for (let i = 1; i < 16; i += 1) await attach(await create(), instanceId)
    await expect(attach(diskId, instanceId)).rejects.toEqual(code('InstanceDiskLimitExceeded'))
    await cloud.eventually(
      'all are attached',
      async () => (await list({ instanceId, status: 'In_use', pageSize: 50 })).length === 17,
    )
  })

  test('ModifyDiskSpec changes the category where the size fits', async () => {
    const modify = (fields: object) => cloud.ecs.modifyDiskSpec(new $Ecs.ModifyDiskSpecRequest({ diskId, ...fields }))
    await modify({ diskCategory: 'cloud_essd', performanceLevel: 'PL2' })
    expect(await find(diskId)).toMatchObject({ category: 'cloud_essd', performanceLevel: 'PL2' })
    await expect(modify({ diskCategory: 'floppy' })).rejects.toEqual(code('InvalidDiskCategory.ValueNotSupported'))
    await expect(modify({})).rejects.toEqual(code('MissingParameter'))
  })

  test('DescribeDisks filters by status, portability and name', async () => {
    const free = await list({ status: 'Available', diskName: 'free' })
    expect(free.map((disk) => disk.diskId)).toEqual([diskId])
    expect(await list({ status: 'Detaching' })).toEqual([])
    const fixed = await list({ instanceId, portable: false })
    expect(fixed.map((disk) => disk.type)).toEqual(['system'])
  })

  test('beyond the quota of unattached disks none is made', async () => {
    const copies = `insert into ecs.disks (id, account_id, region_id, zone_id, role, category, performance_level, size_gib,
        name, description, device, delete_with_instance, resource_group_id, created_at, placed, observed_incarnation)
      select 'd-quota' || n, $1, $2, $3, 'data', 'cloud', '', 20, '', '', '', false, '', now(), false, null
      from generate_series(1, 500) n`
    await cloud.running.store.pool.query(copies, [cloud.accountId, 'cn-hangzhou', zoneId])
    await expect(create()).rejects.toEqual(code('QuotaExceed.PostPaidDisk'))
    await cloud.running.store.pool.query(`delete from ecs.disks where id like 'd-quota%'`)
    await remove(await create())
  })
})
