/** Many instances at once, on few hosts and on very many: no host and no address is given twice. */
import { createSimulatedHosts, type SimulatedHosts } from '@pileus/dataplane/simulated/simulated-hosts'
import { readLedger } from '@pileus/testkit/ledger'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { describe, expect, test } from 'vitest'

const zoneId = 'cn-hangzhou-b'
const asked = 200

/** A vswitch with room for all. */
async function newVSwitch(cloud: TestCloud): Promise<string> {
  const vpc = await cloud.call('Vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/16' })
  const { body } = await cloud.call('Vpc', 'CreateVSwitch', {
    VpcId: vpc.body.VpcId,
    ZoneId: zoneId,
    CidrBlock: '10.0.0.0/23',
  })
  return body.VSwitchId
}

/** Asks for `asked` instances in as many calls at the same time. */
async function runMany(cloud: TestCloud, VSwitchId: string) {
  const answers = await Promise.all(
    Array.from({ length: asked }, (_, i) =>
      cloud.call('Ecs', 'RunInstances', {
        ImageId: 'micro',
        InstanceType: 'ecs.t5-lc2m1.nano',
        VSwitchId,
        ClientToken: `many-${i}`,
      }),
    ),
  )
  return {
    ids: answers.flatMap(({ body }): string[] => body.InstanceIdSets?.InstanceIdSet ?? []),
    refusals: answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body.Code}`),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: fields of the wire.
async function listInstances(cloud: TestCloud): Promise<any[]> {
  const pages = await Promise.all(
    [1, 2].map((page) => cloud.call('Ecs', 'DescribeInstances', { PageSize: '100', PageNumber: String(page) })),
  )
  return pages.flatMap(({ body }) => body.Instances.Instance)
}

async function untilRunning(cloud: TestCloud, count: number): Promise<void> {
  await cloud.eventually(
    `${count} instances Running`,
    async () => (await listInstances(cloud)).filter((one) => one.Status === 'Running').length === count,
    60_000,
  )
}

async function deleteAll(cloud: TestCloud, ids: readonly string[], hosts: SimulatedHosts): Promise<void> {
  for (let from = 0; from < ids.length; from += 100) {
    const named = ids.slice(from, from + 100).map((id, i) => [`InstanceId.${i + 1}`, id])
    const { status } = await cloud.call('Ecs', 'DeleteInstances', { Force: 'true', ...Object.fromEntries(named) })
    expect(status).toBe(200)
  }
  await cloud.eventually(
    'everything released',
    async () => {
      const { instances, disks, nics, addresses, reservedVcpus, reservedMemoryMiB, reservedDiskGiB } =
        await ledger(cloud)
      return instances + disks + nics + addresses + reservedVcpus + reservedMemoryMiB + reservedDiskGiB === 0
    },
    60_000,
  )
  expect(hosts.listMachines()).toEqual([])
}

const ledger = (cloud: TestCloud) => readLedger(cloud.running.store.pool)

describe('200 RunInstances at the same time', () => {
  test('on hosts with room for 120: each ends Running or with NoStock, and the books are right', async () => {
    await using cloud = await startTestCloud({ machines: 0 })
    const hosts = createSimulatedHosts({
      machines: 6,
      zoneIds: [zoneId],
      capacity: { vcpus: 64, memoryMiB: 20 * 512, diskGiB: 10_000 },
      sync: (requests, signal) => cloud.running.services.ecs.agents.handleSyncs(requests, signal),
    })
    try {
      await hosts.ready()
      const { ids, refusals } = await runMany(cloud, await newVSwitch(cloud))
      expect(refusals).toEqual(Array(80).fill('403 OperationDenied.NoStock'))
      expect(new Set(ids).size).toBe(120)
      expect(await ledger(cloud)).toMatchObject({
        instances: 120,
        disks: 120,
        nics: 120,
        reservedVcpus: 120,
        faults: [],
      })
      await untilRunning(cloud, 120)
      const instances = await listInstances(cloud)
      const addresses = instances.flatMap((one): string[] => one.VpcAttributes.PrivateIpAddress.IpAddress)
      expect(new Set(addresses).size).toBe(120)
      const perHost = new Map<string, number>()
      for (const { agentId } of hosts.listMachines()) perHost.set(agentId, (perHost.get(agentId) ?? 0) + 1)
      expect([...perHost.values()]).toEqual(Array(6).fill(20))
      await deleteAll(cloud, ids, hosts)
      expect((await ledger(cloud)).faults).toEqual([])
    } finally {
      await hosts.stop()
    }
  }, 120_000)

  test('on 10,000 hosts of one process: all of them run', async () => {
    const before = { rssMiB: rssMiB(), ms: performance.now() }
    await using cloud = await startTestCloud({ machines: 10_000 })
    const startedMs = performance.now() - before.ms
    const vswitchId = await newVSwitch(cloud)
    const { ids, refusals } = await runMany(cloud, vswitchId)
    expect(refusals).toEqual([])
    expect(new Set(ids).size).toBe(asked)
    await untilRunning(cloud, asked)
    const ranMs = performance.now() - before.ms - startedMs
    const grownMiB = rssMiB() - before.rssMiB
    console.log(
      `10,000 hosts started in ${Math.round(startedMs)} ms, ${asked} instances ran after ${Math.round(ranMs)} ms more; ` +
        `memory grew by ${Math.round(grownMiB)} MiB`,
    )
    expect((await ledger(cloud)).faults).toEqual([])
    await deleteAll(cloud, ids, cloud.running.engine.simulated as SimulatedHosts)
    expect(grownMiB).toBeLessThan(1_000)
  }, 180_000)
})

function rssMiB(): number {
  return process.memoryUsage.rss() / 1024 / 1024
}
