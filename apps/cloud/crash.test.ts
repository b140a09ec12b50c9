/**
 * The control plane is killed at every effect in turn; the database and the hosts go on. Clients repeat their calls.
 * Afterwards there is exactly what was asked for, and after its deletion nothing.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportLog } from '@pileus/actiontrail/publisher'
import { openDirectory } from '@pileus/cli/audit-source'
import { parseVerifierKey } from '@pileus/kernel/audit/note'
import { verifyLog } from '@pileus/kernel/audit/verify'
import { bundleControlPlane, ControlPlaneUnderTest } from '@pileus/testkit/control-plane-under-test'
import { emptyLedger, readLedger } from '@pileus/testkit/ledger'
import { afterAll, beforeAll, expect, test } from 'vitest'

let directory: string
let program: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-control-plane-'))
  program = await bundleControlPlane(directory)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const shell = { Type: 'RunShellScript', CommandContent: 'ZWNobyBvaw==' }
const small = { ImageId: 'micro', InstanceType: 'ecs.t5-lc2m1.nano' }

/** What a customer does with two machines, from the empty account back to it. */
async function liveALife(cloud: ControlPlaneUnderTest): Promise<void> {
  // Until its hosts have reported, a cloud offers no image.
  await cloud.hosts.ready()
  const ClientToken = randomUUID()
  const vpc = await ok(cloud, 'Vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/16', ClientToken })
  const VpcId: string = vpc.VpcId
  const place = { VpcId, ZoneId: 'cn-hangzhou-b', CidrBlock: '10.0.0.0/24' }
  const { VSwitchId } = await ok(cloud, 'Vpc', 'CreateVSwitch', { ...place, ClientToken })
  const { SecurityGroupId } = await ok(cloud, 'Ecs', 'CreateSecurityGroup', { VpcId, ClientToken })
  const wanted = { ...small, VSwitchId, SecurityGroupId, Amount: '2', ClientToken }
  const ids: string[] = (await ok(cloud, 'Ecs', 'RunInstances', wanted)).InstanceIdSets.InstanceIdSet
  expect(ids).toHaveLength(2)
  const both = { 'InstanceId.1': ids[0] ?? '', 'InstanceId.2': ids[1] ?? '' }
  await untilStatus(cloud, ids, 'Running')
  expect(cloud.hosts.listMachines().map(({ machine }) => machine.id)).toEqual(expect.arrayContaining(ids))

  const disk = { ZoneId: 'cn-hangzhou-b', Size: '20', ClientToken }
  const { DiskId } = await ok(cloud, 'Ecs', 'CreateDisk', disk)
  const attachment = { DiskId, InstanceId: ids[0] ?? '' }
  await ok(cloud, 'Ecs', 'AttachDisk', attachment, 'IncorrectDiskStatus')
  const { InvokeId } = await ok(cloud, 'Ecs', 'RunCommand', { ...shell, ...both, ClientToken })
  await untilSucceeded(cloud, InvokeId, 2)
  await untilDisk(cloud, DiskId, 'In_use')
  // The second time, the machine stops already.
  await ok(cloud, 'Ecs', 'StopInstances', both, 'IncorrectInstanceStatus')
  await untilStatus(cloud, ids, 'Stopped')
  await ok(cloud, 'Ecs', 'StartInstances', both, 'IncorrectInstanceStatus')
  await untilStatus(cloud, ids, 'Running')
  expect(await readLedger(cloud.store.pool)).toMatchObject({
    instances: 2,
    disks: 3,
    nics: 2,
    addresses: 2,
    faults: [],
  })
  expect(cloud.hosts.listMachines()).toHaveLength(2)
  expect(listHolders(cloud, DiskId)).toEqual([ids[0]])
  // The second time, the machine lets go already, or has done so.
  await ok(cloud, 'Ecs', 'DetachDisk', attachment, 'IncorrectDiskStatus', 'DependencyViolation')
  await untilDisk(cloud, DiskId, 'Available')
  expect(listHolders(cloud, DiskId)).toEqual([])
  await ok(cloud, 'Ecs', 'DeleteDisk', { DiskId })

  await ok(cloud, 'Ecs', 'DeleteInstances', { ...both, Force: 'true', ClientToken }, 'InvalidInstanceId.NotFound')
  await eventually('the machines and disks are gone', async () => {
    const { instances, disks } = await readLedger(cloud.store.pool)
    return instances + disks === 0
  })
  await ok(cloud, 'Ecs', 'DeleteSecurityGroup', { SecurityGroupId }, 'InvalidSecurityGroupId.NotFound')
  await ok(cloud, 'Vpc', 'DeleteVSwitch', { VSwitchId }, 'InvalidVSwitchId.NotFound')
  await ok(cloud, 'Vpc', 'DeleteVpc', { VpcId }, 'InvalidVpcId.NotFound')
  expect(await readLedger(cloud.store.pool)).toEqual(emptyLedger)
  expect(cloud.hosts.listMachines()).toEqual([])
}

/** Insists on success, or on the code of a call that was done already. */
async function ok(
  cloud: ControlPlaneUnderTest,
  product: string,
  action: string,
  parameters: Record<string, string>,
  ...codesWhenDone: string[]
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
): Promise<any> {
  const { status, body } = await cloud.insist(product, action, { RegionId: 'cn-hangzhou', ...parameters })
  if (status !== 200 && !codesWhenDone.includes(body.Code))
    throw new Error(`${action}: ${status} ${JSON.stringify(body)}`)
  return body
}

async function untilStatus(cloud: ControlPlaneUnderTest, ids: readonly string[], status: string): Promise<void> {
  await eventually(`${ids.join()} ${status}`, async () => {
    const { Instances, TotalCount } = await ok(cloud, 'Ecs', 'DescribeInstances', { PageSize: '100' })
    expect(TotalCount).toBe(ids.length)
    return Instances.Instance.every((one: { Status: string }) => one.Status === status)
  })
}

async function untilDisk(cloud: ControlPlaneUnderTest, diskId: string, status: string): Promise<void> {
  await eventually(`${diskId} ${status}`, async () => {
    const { Disks } = await ok(cloud, 'Ecs', 'DescribeDisks', { DiskIds: JSON.stringify([diskId]) })
    return Disks.Disk[0]?.Status === status
  })
}

/** Machines that have the disk. */
function listHolders(cloud: ControlPlaneUnderTest, diskId: string): string[] {
  const machines = cloud.hosts.listMachines().map(({ machine }) => machine)
  return machines.filter((machine) => machine.disks?.some((disk) => disk.id === diskId)).map((machine) => machine.id)
}

async function untilSucceeded(cloud: ControlPlaneUnderTest, InvokeId: string, count: number): Promise<void> {
  await eventually('the command ran', async () => {
    const { Invocation } = await ok(cloud, 'Ecs', 'DescribeInvocationResults', { InvokeId })
    const results: { InvocationStatus: string }[] = Invocation.InvocationResults.InvocationResult
    return results.length === count && results.every((one) => one.InvocationStatus === 'Success')
  })
}

/** Every acknowledged call has its place in the log once, and the log is whole. */
async function expectInTrail(cloud: ControlPlaneUnderTest, requestIds: readonly string[]): Promise<void> {
  const placed = async (): Promise<unknown[]> => {
    const { rows } = await cloud.store.pool.query(
      `select body::jsonb ->> 'requestId' as id from actiontrail.entries where event_name = 'RunInstances'`,
    )
    return rows.map((row) => row.id).filter((id) => requestIds.includes(id))
  }
  await eventually('the calls are in the trail', async () => (await placed()).length >= requestIds.length)
  expect((await placed()).sort()).toEqual([...requestIds].sort())
  const folder = await mkdtemp(join(tmpdir(), 'pileus-log-'))
  try {
    const log = await exportLog(cloud.store, 'cn-hangzhou', folder)
    const { findings } = await verifyLog(openDirectory(folder), { verifier: parseVerifierKey(log?.verifierKey ?? '') })
    expect(findings).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function eventually(what: string, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`not so within 30 s: ${what}`)
    await new Promise((wake) => setTimeout(wake, 15))
  }
}

test('killed at every effect of its first start, it starts in the end', async () => {
  await using cloud = await ControlPlaneUnderTest.create(program, { database: 'empty' })
  let moment = 1
  while ((await cloud.start(moment)) === 'died') moment += 1
  // It may still die at that moment, with its first work.
  cloud.keepRunning()
  expect(cloud.deaths).toBeGreaterThan(4)
  console.log(`killed ${cloud.deaths} times`)
  await liveALife(cloud)
}, 120_000)

test('killed at every effect of a life, it ends with what was asked for, and then with nothing', async () => {
  // Two at a time: one takes the odd moments, the other the even ones.
  const deaths = await Promise.all(
    [1, 2].map(async (first) => {
      await using cloud = await ControlPlaneUnderTest.create(program)
      await cloud.start()
      cloud.keepRunning()
      for (let moment = first; ; moment += 2) {
        const before = cloud.deaths
        await cloud.dieAt(moment)
        await liveALife(cloud)
        if (cloud.deaths === before) return cloud.deaths
      }
    }),
  )
  console.log(`killed ${deaths.join(' + ')} times`)
  // Each of the fifteen calls that change something has a moment before and one after.
  for (const count of deaths) expect(count).toBeGreaterThanOrEqual(15)
}, 240_000)

test('killed at random while eight RunInstances run, ten times over, it makes each instance once', async () => {
  await using cloud = await ControlPlaneUnderTest.create(program)
  await cloud.start()
  cloud.keepRunning()
  await cloud.hosts.ready()
  const { VpcId } = await ok(cloud, 'Vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/16' })
  const place = { VpcId, ZoneId: 'cn-hangzhou-b', CidrBlock: '10.0.0.0/24' }
  const { VSwitchId } = await ok(cloud, 'Vpc', 'CreateVSwitch', place)
  const { SecurityGroupId } = await ok(cloud, 'Ecs', 'CreateSecurityGroup', { VpcId })
  const made = new Set<string>()
  const acknowledged: string[] = []
  const delaysMs: number[] = []
  for (let round = 1; round <= 10; round += 1) {
    // It is up again, so that there is something to kill.
    await ok(cloud, 'Sts', 'GetCallerIdentity', {})
    const calls = Array.from({ length: 8 }, async () => {
      const wanted = { ...small, VSwitchId, SecurityGroupId, ClientToken: randomUUID() }
      const { InstanceIdSets, RequestId } = await ok(cloud, 'Ecs', 'RunInstances', wanted)
      acknowledged.push(RequestId)
      for (const id of InstanceIdSets.InstanceIdSet) made.add(id)
    })
    const delayMs = Math.random() * 150
    delaysMs.push(Math.round(delayMs))
    await new Promise((wake) => setTimeout(wake, delayMs))
    cloud.kill()
    await Promise.all(calls)
  }
  console.log(`killed ${cloud.deaths} times, after ${delaysMs.join(', ')} ms`)
  expect(cloud.deaths).toBe(10)
  await expectInTrail(cloud, acknowledged)
  const ids = [...made]
  expect(ids).toHaveLength(80)
  await untilStatus(cloud, ids, 'Running')
  expect(await readLedger(cloud.store.pool)).toMatchObject({
    instances: 80,
    disks: 80,
    nics: 80,
    addresses: 80,
    faults: [],
  })
  const startsOf = () => new Map(cloud.hosts.listMachines().map(({ machine }) => [machine.id, machine.startedAt]))
  const starts = startsOf()
  expect([...starts.keys()].sort()).toEqual(ids.sort())

  // Guests notice nothing of a control plane that comes back: they take commands, and none has booted again.
  cloud.kill()
  const named = { 'InstanceId.1': ids[0] ?? '', ClientToken: randomUUID() }
  await untilSucceeded(cloud, (await ok(cloud, 'Ecs', 'RunCommand', { ...shell, ...named })).InvokeId, 1)
  expect(startsOf()).toEqual(starts)

  const all = Object.fromEntries(ids.map((id, i) => [`InstanceId.${i + 1}`, id]))
  const deletion = { ...all, Force: 'true', ClientToken: randomUUID() }
  const deleted = ok(cloud, 'Ecs', 'DeleteInstances', deletion, 'InvalidInstanceId.NotFound')
  await new Promise((wake) => setTimeout(wake, Math.random() * 150))
  cloud.kill()
  await deleted
  const held = { vpcs: 1, vswitches: 1, securityGroups: 1 }
  await eventually('nothing is left', async () => (await readLedger(cloud.store.pool)).instances === 0)
  expect(await readLedger(cloud.store.pool)).toEqual({ ...emptyLedger, ...held })
  expect(cloud.hosts.listMachines()).toEqual([])
}, 120_000)
