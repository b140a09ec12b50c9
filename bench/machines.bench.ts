/** RunInstances to the guest's first words on the serial console, against the same QEMU without a cloud. */
import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listProcessesByDirectory } from '@pileus/dataplane/qemu/process'
import { compare, median } from './framework/compare.ts'
import { watchBoot } from './framework/console-moments.ts'
import { readOptions } from './framework/options.ts'
import { cpuSecondsOf } from './framework/processes.ts'
import { type MachineFlags, openRawHost, readFlags } from './framework/raw-machine.ts'
import { startRealCloud } from './framework/real-cloud.ts'

const options = readOptions({ rounds: 5, seconds: 1 })
const instanceType = 'ecs.t5-lc2m1.nano'
const imageId = 'pileus_micro_x64.qcow2'

await using cloud = await startRealCloud()
await using raw = await openRawHost()
const { VpcId } = await cloud.call('vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/16' })
await eventually('the VPC', async () => {
  const { Vpcs } = await cloud.call('vpc', 'DescribeVpcs', { VpcId })
  return Vpcs.Vpc[0].Status === 'Available'
})
const place = { VpcId, ZoneId: cloud.zoneIds[0] ?? '', CidrBlock: '10.0.1.0/24' }
const { VSwitchId } = await cloud.call('vpc', 'CreateVSwitch', place)
const { SecurityGroupId } = await cloud.call('ecs', 'CreateSecurityGroup', { VpcId })

/** What each run spent until its end, in milliseconds, and of processor time in seconds. */
const parts = new Map<string, number[]>()
const note = (name: string, figure: number): void => {
  parts.set(name, [...(parts.get(name) ?? []), figure])
}

async function ours(): Promise<{ ms: number; flags: MachineFlags }> {
  const startedMs = performance.now()
  const { InstanceIdSets } = await cloud.call('ecs', 'RunInstances', {
    ImageId: imageId,
    InstanceType: instanceType,
    SecurityGroupId,
    VSwitchId,
  })
  const instanceId: string = InstanceIdSets.InstanceIdSet[0]
  note('pileus: answer, ms', performance.now() - startedMs)
  const machineDir = join(cloud.dataDir, 'machines', instanceId)
  const moments = await watchBoot(machineDir)
  note('pileus: QEMU runs, ms', moments.qemuMs - startedMs)
  note('pileus: first byte, ms', moments.firstByteMs - startedMs)
  note('pileus: ready line, ms', moments.readyMs - startedMs)
  note('pileus: clock of the guest then, ms', moments.guestUptimeMs)
  const { pid } = (await listProcessesByDirectory()).get(join(machineDir, 'run'))!
  note('pileus: CPU time of QEMU, s', cpuSecondsOf([pid]))
  const flags = readFlags(pid)
  await cloud.call('ecs', 'DeleteInstance', { InstanceId: instanceId, Force: 'true' })
  await eventually('the removal', async () => !existsSync(machineDir))
  return { ms: moments.firstByteMs - startedMs, flags }
}

async function alone(flags: MachineFlags): Promise<number> {
  const startedMs = performance.now()
  const machine = await raw.start(flags)
  const moments = await watchBoot(machine.machineDir)
  note('raw: QEMU runs, ms', moments.qemuMs - startedMs)
  note('raw: first byte, ms', moments.firstByteMs - startedMs)
  note('raw: ready line, ms', moments.readyMs - startedMs)
  note('raw: clock of the guest then, ms', moments.guestUptimeMs)
  note('raw: CPU time of QEMU, s', cpuSecondsOf([machine.process.pid]))
  await machine.remove()
  return moments.firstByteMs - startedMs
}

// Caches of both, and the router's metadata service, which its first machine brings.
const { flags } = await ours()
await alone(flags)
parts.clear()

await compare({
  title: '(a) RunInstances to the first byte on the serial console ÷ the same QEMU by hand',
  unit: 'ms',
  subject: { label: 'pileus', measure: async () => (await ours()).ms },
  peer: { label: 'raw QEMU', measure: () => alone(flags) },
  aim: { atMost: 1.15 },
  rounds: options.rounds,
  notes: [
    `${imageId}, ${instanceType}, flags word for word the same, own qcow2 overlay and tap, DHCP and metadata answered`,
    'both consoles read from QEMU’s ring by the agent’s own reader into a file that is looked at every 2 ms',
    'Pileus includes signature, placement, PostgreSQL with durable commits, OVN and the agent; the disk is flushed',
  ],
})
console.log(
  `  · load average at the end ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
)
for (const [name, figures] of parts) console.log(`  · ${name}: ${Number(median(figures).toPrecision(3))}`)

async function eventually(what: string, holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
    await sleep(20)
  }
}
