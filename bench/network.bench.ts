/** Changes of security groups and cards through the API until every host has them, against ovn-nbctl --wait=hv. */
import { loadavg } from 'node:os'
import { run } from '@pileus/dataplane/network/commands'
import { compare } from './framework/compare.ts'
import { openNorthbound } from './framework/northbound.ts'
import { readOptions } from './framework/options.ts'
import { startRealCloud } from './framework/real-cloud.ts'

const options = readOptions({ rounds: 15, seconds: 1 })
const portCount = 40

await using cloud = await startRealCloud()
const { vpcId, vswitchId, securityGroupId } = await makeNetwork()
const northbound = await openNorthbound(cloud.fabricDir)
using _closing = { [Symbol.dispose]: () => northbound.close() }
for (let n = 0; n < portCount; n += 1) await createCard()
const lastCard = await createCard()
await northbound.untilPort(lastCard)
const switchName = northbound.findSwitch()
await makePeerGroup()
const dhcpOptions = (await nbctl(['--bare', '--columns=_uuid', 'list', 'DHCP_Options'])).trim().split(/\s+/)[0] ?? ''

const notes = [
  `a VPC ${vpcId} with ${portCount} and more cards in one security group; both write the same northbound database`,
  'both end when OVN reports the change in force on every host (hv_cfg); one host, its switch in user space',
  'Pileus: signed call, PostgreSQL with durable commit, wake-up, all rows read, difference written, one transaction',
  'ovn-nbctl: one process per change, as an operator would run it, on rows of its own beside ours',
]

let rule = 0
let peerPorts = 0
await compare({
  title: '(e) a rule of a security group, from the call until it is in force ÷ ovn-nbctl --wait=hv acl-add',
  unit: 'ms',
  subject: { label: 'pileus', measure: () => elapsedMs(authorize) },
  peer: { label: 'ovn-nbctl', measure: () => elapsedMs(addAcl) },
  aim: { atMost: 1.3 },
  rounds: options.rounds,
  notes,
})
await compare({
  title: '(e) a card, from the call until its port is in force ÷ ovn-nbctl --wait=hv lsp-add and what belongs to it',
  unit: 'ms',
  subject: { label: 'pileus', measure: () => elapsedMs(async () => await northbound.untilPort(await createCard())) },
  peer: { label: 'ovn-nbctl', measure: () => elapsedMs(addPort) },
  aim: { atMost: 1.3 },
  rounds: options.rounds,
  notes: [`the port's rows: address, port security, DHCP options, membership of a group`],
})
const load = loadavg().map((each) => each.toFixed(1))
console.log(`  · load average at the end ${load.join(' ')}`)

async function authorize(): Promise<void> {
  rule += 1
  const port = 10_000 + rule
  await cloud.call('ecs', 'AuthorizeSecurityGroup', {
    SecurityGroupId: securityGroupId,
    IpProtocol: 'TCP',
    PortRange: `${port}/${port}`,
    SourceCidrIp: '10.9.0.0/16',
  })
  await northbound.untilRule(String(port))
}

async function addAcl(): Promise<void> {
  rule += 1
  const match = `outport == @bench_peer && ip4 && tcp && ip4.src == 10.9.0.0/16 && tcp.dst == ${20_000 + rule}`
  await nbctl(['--type=port-group', 'acl-add', 'bench_peer', 'to-lport', '1198', match, 'allow-related'])
}

async function addPort(): Promise<void> {
  peerPorts += 1
  const name = `bench-port-${peerPorts}`
  const address = `02:00:00:00:00:${peerPorts.toString(16).padStart(2, '0')} 10.0.200.${peerPorts}`
  // One transaction, as ours is.
  await nbctl([
    ...['lsp-add', switchName, name, '--', 'lsp-set-addresses', name, address],
    ...['--', 'lsp-set-port-security', name, address, '--', 'lsp-set-dhcpv4-options', name, dhcpOptions],
    ...['--', '--id=@port', 'get', 'Logical_Switch_Port', name],
    ...['--', 'add', 'Port_Group', 'bench_peer', 'ports', '@port'],
  ])
}

async function makeNetwork() {
  const { VpcId: vpcId } = await cloud.call('vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/16' })
  const place = { VpcId: vpcId, ZoneId: cloud.zoneIds[0] ?? '', CidrBlock: '10.0.0.0/16' }
  const { VSwitchId: vswitchId } = await cloud.call('vpc', 'CreateVSwitch', place)
  const { SecurityGroupId: securityGroupId } = await cloud.call('ecs', 'CreateSecurityGroup', { VpcId: vpcId })
  return { vpcId, vswitchId, securityGroupId }
}

async function createCard(): Promise<string> {
  const request = { VSwitchId: vswitchId, SecurityGroupId: securityGroupId }
  return (await cloud.call('ecs', 'CreateNetworkInterface', request)).NetworkInterfaceId
}

/** A group with the same ports as ours has, for the peer's rules. */
async function makePeerGroup(): Promise<void> {
  const ports = (await nbctl(['--bare', '--columns=_uuid', 'find', 'Logical_Switch_Port', 'type=""'])).split(/\s+/)
  await nbctl(['pg-add', 'bench_peer'])
  await nbctl(['set', 'Port_Group', 'bench_peer', `ports=${ports.filter(Boolean).join(',')}`])
}

async function nbctl(args: string[]): Promise<string> {
  return await run('ovn-nbctl', [`--db=${northbound.address}`, '--wait=hv', ...args])
}

async function elapsedMs(action: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await action()
  return performance.now() - startedMs
}
