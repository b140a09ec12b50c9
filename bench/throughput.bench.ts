/** TCP between two machines through a VPC's router and security groups, against a plain bridge of the same switch. */
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listProcessesByDirectory } from '@pileus/dataplane/qemu/process'
import { compare, median } from './framework/compare.ts'
import { readOptions } from './framework/options.ts'
import { type PlainGuest, startOnPlainBridge } from './framework/plain-bridge.ts'
import { cpuSecondsOf } from './framework/processes.ts'
import { readFlags } from './framework/raw-machine.ts'
import { startRealCloud } from './framework/real-cloud.ts'

const options = readOptions({ rounds: 5, seconds: 4 })
const port = 5001
/** Processor seconds per MiB, by who used them. */
const costs = new Map<string, number[]>()

await using cloud = await startRealCloud()
const machineIds = await runTwo()
const addresses = await Promise.all(machineIds.map(untilRunning))
const processes = await listProcessesByDirectory()
const ourPids = machineIds.map((id) => processes.get(join(cloud.dataDir, 'machines', id, 'run'))!.pid)
const flags = ourPids.map(readFlags)
const switchPid = Number(readFileSync(join(cloud.fabricDir, 'ovs-vswitchd.pid'), 'utf8'))
const ours = machineIds.map(
  (id, index): PlainGuest => ({ address: addresses[index]!, shell: (text) => invoke(id, text) }),
)
for (const guest of ours) await guest.shell('true')
await using plain = await startOnPlainBridge(cloud, flags)

const mtuOf = async (guest: PlainGuest): Promise<string> => (await guest.shell('cat /sys/class/net/eth0/mtu')).trim()
const [ourMtu, plainMtu] = [await mtuOf(ours[0]!), await mtuOf(plain.guests[0]!)]
// Finds out how much is sent in the time asked for, and warms both up.
const firstMiB = 4
const first = await mibPerSecond(ours, firstMiB, firstMiB)
const slowest = Math.min(first, await mibPerSecond(plain.guests, firstMiB, first))
const sentMiB = Math.max(firstMiB, Math.round(slowest * options.seconds))

await compare({
  title: '(f) TCP from machine to machine through VPC router and security group ÷ plain bridge',
  unit: 'MiB/s',
  subject: { label: 'pileus', measure: () => accounted('pileus', ours, ourPids) },
  peer: { label: 'plain bridge', measure: () => accounted('plain bridge', plain.guests, plain.pids) },
  aim: { atLeast: 0.9 },
  rounds: options.rounds,
  notes: [
    `two vSwitches in two zones, stateful rules; datapath ${plain.datapath} in the same ovs-vswitchd for both`,
    `the same image and QEMU flags, ${sentMiB} MiB from dd through nc to nc, timed by the sender until the receiver ends`,
    `MTU ${ourMtu} in the VPC, ${plainMtu} on the bridge; all four machines run, one pair at a time sends`,
  ],
})
const load = loadavg().map((each) => each.toFixed(1))
for (const [name, figures] of costs) console.log(`  · ${name}, CPU ms per MiB: ${median(figures).toFixed(1)}`)
console.log(`  · load average at the end ${load.join(' ')}`)

/** As `mibPerSecond`, and notes what it cost. */
async function accounted(label: string, guests: readonly PlainGuest[], pids: readonly number[]): Promise<number> {
  const users = { sender: pids[0]!, receiver: pids[1]!, switch: switchPid }
  const before = Object.values(users).map((pid) => cpuSecondsOf([pid]))
  const rate = await mibPerSecond(guests, sentMiB, slowest)
  for (const [index, [user, pid]] of Object.entries(users).entries()) {
    const ms = ((cpuSecondsOf([pid]) - before[index]!) * 1_000) / sentMiB
    const name = `${label}, ${user}`
    costs.set(name, [...(costs.get(name) ?? []), ms])
  }
  return rate
}

/** Sends from the first to the second. */
async function mibPerSecond([sender, receiver]: readonly PlainGuest[], mib: number, expected: number): Promise<number> {
  // Its input stays open: at its end nc would close its side.
  await receiver!.shell(`setsid sh -c 'sleep 100 | nc -l -p ${port}' > /dev/null 2>&1 < /dev/null &`)
  const listening = `netstat -ltn | grep -q ':${port} '`
  await receiver!.shell(
    `tries=0; until ${listening}; do tries=$((tries + 1)); [ $tries -lt 100 ] || exit 1; usleep 50000; done`,
  )
  // Apart from the shell that starts it: who waits for an answer from a guest makes it work.
  const send = `dd if=/dev/zero bs=65536 count=${mib * 16} 2> /dev/null | nc ${receiver!.address} ${port}`
  const timed = `sleep 1; read before _ < /proc/uptime; ${send}; read after _ < /proc/uptime; echo $before $after > /tmp/sent`
  await sender!.shell(`rm -f /tmp/sent; setsid sh -c '${timed}' > /dev/null 2>&1 < /dev/null &`)
  await sleep(1_000 * (1 + mib / expected))
  const text = await sender!.shell('until [ -s /tmp/sent ]; do sleep 1; done; cat /tmp/sent')
  const [before = 0, after = 0] = text.trim().split(' ').map(Number)
  if (!(after > before)) throw new Error(`the sender said ${text}`)
  return mib / (after - before)
}

async function runTwo(): Promise<string[]> {
  const { VpcId } = await cloud.call('vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/16' })
  const { SecurityGroupId } = await cloud.call('ecs', 'CreateSecurityGroup', { VpcId })
  const ids: string[] = []
  for (const index of [0, 1]) {
    const place = { VpcId, ZoneId: cloud.zoneIds[index] ?? '', CidrBlock: `10.0.${index}.0/24` }
    const { VSwitchId } = await cloud.call('vpc', 'CreateVSwitch', place)
    const hardware = { ImageId: 'pileus_micro_x64.qcow2', InstanceType: 'ecs.t5-lc2m1.nano' }
    const answer = await cloud.call('ecs', 'RunInstances', { ...hardware, SecurityGroupId, VSwitchId })
    ids.push(answer.InstanceIdSets.InstanceIdSet[0])
  }
  return ids
}

/** Waits until the machine runs, and gives its address. */
async function untilRunning(instanceId: string): Promise<string> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const { Instances } = await cloud.call('ecs', 'DescribeInstances', { InstanceIds: JSON.stringify([instanceId]) })
    const [instance] = Instances.Instance
    if (instance.Status === 'Running') return instance.VpcAttributes.PrivateIpAddress.IpAddress[0]
    if (performance.now() > deadline) throw new Error(`${instanceId} is ${instance.Status}`)
    await sleep(100)
  }
}

/** Standard output of a shell script in a machine of the cloud. */
async function invoke(instanceId: string, script: string): Promise<string> {
  const command = { Type: 'RunShellScript', CommandContent: script, 'InstanceId.1': instanceId, Timeout: '120' }
  const { InvokeId } = await cloud.call('ecs', 'RunCommand', command)
  const deadline = performance.now() + 130_000
  for (;;) {
    const { Invocation } = await cloud.call('ecs', 'DescribeInvocationResults', { InvokeId })
    const [result] = Invocation.InvocationResults.InvocationResult
    const text = Buffer.from(result?.Output ?? '', 'base64').toString()
    if (result && result.InvocationStatus === 'Success') return text
    if (result && !['Pending', 'Running'].includes(result.InvocationStatus)) {
      throw new Error(`${script}: ${result.InvocationStatus} ${text}`)
    }
    if (performance.now() > deadline) throw new Error(`${script} did not end`)
    await sleep(100)
  }
}
