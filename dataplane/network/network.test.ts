import { existsSync, readFileSync } from 'node:fs'
import type { LogicalNetwork, LogicalPort, SecurityRule } from '@pileus/kernel/fabric/network'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { run } from './commands.ts'
import { findDaemonPid } from './daemons.ts'
import {
  type Endpoint,
  eventually,
  type FabricFixture,
  findFabricObstacle,
  startFabricFixture,
} from './fabric-fixture.ts'
import { ensureFabric, fabricStatus, stopFabric } from './host.ts'
import { metadataAddress } from './names.ts'
import { listNamespaces } from './namespaces.ts'
import { createOvnDriver } from './ovn-driver.ts'
import { timeRuleChanges } from './rule-change-timing.ts'

const obstacle = findFabricObstacle()
if (obstacle) console.warn(`network tests on a real fabric are skipped: ${obstacle}`)

const empty: LogicalNetwork = { routers: [], securityGroups: [] }

const alpha: LogicalPort = {
  id: 'eni-alpha',
  mac: '00:16:3e:00:00:0a',
  ips: ['10.0.1.5'],
  hostname: 'alpha',
  securityGroupIds: ['sg-app'],
}
const beta: LogicalPort = { id: 'eni-beta', mac: '00:16:3e:00:00:0b', ips: ['10.0.2.5'], securityGroupIds: ['sg-app'] }

function rule(change: Partial<SecurityRule> = {}): SecurityRule {
  return {
    id: 'sgr-1',
    direction: 'ingress',
    policy: 'accept',
    priority: 1,
    protocol: 'icmp',
    peer: { kind: 'cidr', cidr: '0.0.0.0/0' },
    ...change,
  }
}

/** Two switches of one router, a port on each, both ports in one group that holds `rules`. */
function twoSwitches(rules: SecurityRule[] = [], change: { alpha?: Partial<LogicalPort>; inner?: 'accept' } = {}) {
  const network: LogicalNetwork = {
    routers: [
      {
        id: 'vpc-one',
        routes: [],
        switches: [
          { id: 'vsw-a', cidr: '10.0.1.0/24', gatewayIp: '10.0.1.253', ports: [{ ...alpha, ...change.alpha }] },
          { id: 'vsw-b', cidr: '10.0.2.0/24', gatewayIp: '10.0.2.253', ports: [beta] },
        ],
      },
    ],
    securityGroups: [
      { id: 'sg-app', innerAccess: change.inner ?? 'drop', rules },
      { id: 'sg-other', innerAccess: 'drop', rules: [] },
    ],
  }
  return network
}

describe.skipIf(obstacle !== undefined)('a network on a real fabric', { timeout: 60_000 }, () => {
  let fixture: FabricFixture
  let driver: ReturnType<typeof createOvnDriver>
  let endpoints: Endpoint[] = []

  beforeAll(async () => {
    fixture = await startFabricFixture()
    driver = createOvnDriver({ address: fixture.fabric.northbound, cell: 'test', readyAt: 'hosts' })
  }, 30_000)

  afterEach(async () => {
    const log = readFileSync(`${fixture.fabric.runDir}/ovn-controller.log`, 'utf8')
    expect(log).not.toMatch(/error parsing/i)
    for (const endpoint of endpoints) await fixture.removeEndpoint(endpoint)
    endpoints = []
  })

  afterAll(async () => {
    await driver.close()
    await fixture[Symbol.asyncDispose]()
  }, 30_000)

  async function endpoint(port: LogicalPort, gateway?: string): Promise<Endpoint> {
    const where = gateway ? { address: `${port.ips[0]}/24`, gateway } : {}
    const made = await fixture.addEndpoint({ id: port.id, mac: port.mac, ...where })
    endpoints.push(made)
    return made
  }

  /** Waits until a ping is answered, or is not: the switch's cache follows its tables within half a second. */
  async function reaches(from: Endpoint, to: string, reached: boolean): Promise<void> {
    await eventually(
      `${to} ${reached ? 'answers' : 'is silent'}`,
      async () => (await fixture.pings(from, to)) === reached,
    )
  }

  const nbctl = async (...args: string[]) => await run('ovn-nbctl', [`--db=${fixture.fabric.northbound}`, ...args])

  /** Number of rows in the tables that the driver writes. */
  async function countRows(): Promise<number> {
    const tables = ['Logical_Router', 'Logical_Router_Port', 'Logical_Router_Static_Route', 'Logical_Switch']
    tables.push('Logical_Switch_Port', 'DHCP_Options', 'Port_Group', 'ACL', 'Address_Set')
    let count = 0
    for (const table of tables) {
      const list = await nbctl('--format=json', '--columns=_uuid', 'list', table)
      count += (JSON.parse(list) as { data: unknown[] }).data.length
    }
    return count
  }

  test('ports of two switches reach each other while a rule accepts it, and no longer', async () => {
    const report = await driver.apply(twoSwitches([rule()]))
    expect(report.readyPortIds.sort()).toEqual(['eni-alpha', 'eni-beta'])
    const from = await endpoint(alpha, '10.0.1.253')
    await endpoint(beta, '10.0.2.253')
    await eventually('the ping is answered', () => fixture.pings(from, '10.0.2.5'))

    await driver.apply(twoSwitches([]))
    await reaches(from, '10.0.2.5', false)
    await driver.apply(twoSwitches([rule({ peer: { kind: 'cidr', cidr: '10.0.1.0/24' } })]))
    await reaches(from, '10.0.2.5', true)
    await driver.apply(twoSwitches([rule({ peer: { kind: 'cidr', cidr: '10.9.0.0/16' } })]))
    await reaches(from, '10.0.2.5', false)
  })

  test('a repeated apply writes nothing', async () => {
    const network = twoSwitches([rule()])
    await driver.apply(network)
    expect(await driver.apply(structuredClone(network))).toEqual({
      readyPortIds: ['eni-alpha', 'eni-beta'],
      changes: 0,
    })
  })

  test('the lowest priority number decides, and drop comes before accept at the same number', async () => {
    await driver.apply(twoSwitches([rule()]))
    const from = await endpoint(alpha, '10.0.1.253')
    await endpoint(beta, '10.0.2.253')
    await eventually('the ping is answered', () => fixture.pings(from, '10.0.2.5'))

    const judge = async (reached: boolean, ...rules: SecurityRule[]) => {
      await driver.apply(twoSwitches(rules))
      await reaches(from, '10.0.2.5', reached)
    }
    const accept = (priority: number) => rule({ id: 'accept', priority })
    const drop = (priority: number) => rule({ id: 'drop', priority, policy: 'drop' })
    await judge(false, accept(5), drop(5))
    await judge(true, accept(5), drop(6))
    await judge(false, accept(100), drop(1))
    await judge(true, accept(1), drop(100))
    await judge(false, accept(1), rule({ id: 'out', direction: 'egress', policy: 'drop', protocol: 'all' }))
  })

  test('members reach each other by inner access or by a rule that names a group, and others do not', async () => {
    await driver.apply(twoSwitches([], { inner: 'accept' }))
    const from = await endpoint(alpha, '10.0.1.253')
    await endpoint(beta, '10.0.2.253')
    await eventually('the ping is answered', () => fixture.pings(from, '10.0.2.5'))

    const outsider = { securityGroupIds: ['sg-other'] }
    await driver.apply(twoSwitches([], { inner: 'accept', alpha: outsider }))
    await reaches(from, '10.0.2.5', false)
    const byGroup = rule({ peer: { kind: 'group', id: 'sg-other' } })
    await driver.apply(twoSwitches([byGroup], { alpha: outsider }))
    await reaches(from, '10.0.2.5', true)
    await driver.apply(twoSwitches([byGroup], { alpha: { securityGroupIds: [] } }))
    await reaches(from, '10.0.2.5', false)
  })

  test('rules tell TCP ports apart', async () => {
    const ports = { from: 8000, to: 8080 }
    await driver.apply(twoSwitches([rule({ protocol: 'tcp', ports })]))
    const from = await endpoint(alpha, '10.0.1.253')
    const to = await endpoint(beta, '10.0.2.253')
    for (const port of ['8080', '8081']) {
      await fixture.runIn(to, 'sh', '-c', `busybox nc -ll -p ${port} -e echo hello >/dev/null 2>&1 </dev/null &`)
    }
    const answers = async (port: string) => {
      const command = ['sh', '-c', `busybox nc -w 1 10.0.2.5 ${port} </dev/null || true`]
      return (await fixture.runIn(from, ...command)).includes('hello')
    }
    await eventually('port 8080 answers', () => answers('8080'))
    expect(await answers('8081')).toBe(false)
    const pids = await run('ip', ['netns', 'pids', to.netns])
    for (const pid of pids.split('\n').filter(Boolean)) process.kill(Number(pid))
  })

  test('DHCP gives a port its address, router, DNS servers and host name, even where all egress is dropped', async () => {
    await driver.apply(twoSwitches([rule({ direction: 'egress', policy: 'drop', protocol: 'all' })]))
    const guest = await endpoint(alpha)
    await eventually('a lease is offered', async () => {
      const lease = await fixture
        .runIn(guest, 'sh', '-c', leaseCommand(guest.ifname, fixture.fabric.runDir))
        .catch(() => '')
      if (!lease.includes('ip=')) return false
      expect(lease).toMatch(/^ip=10\.0\.1\.5$/m)
      expect(lease).toMatch(/^router=10\.0\.1\.253$/m)
      expect(lease).toMatch(/^subnet=255\.255\.255\.0$/m)
      expect(lease).toMatch(/^dns=100\.100\.2\.136 100\.100\.2\.138$/m)
      expect(lease).toMatch(/^hostname=alpha$/m)
      return true
    })
  })

  test('two routers with the same addresses do not see each other', async () => {
    const network = twoSwitches([rule()])
    const other = structuredClone(network.routers[0]!)
    other.id = 'vpc-two'
    for (const each of other.switches) {
      each.id += '-two'
      for (const port of each.ports) port.id += '-two'
    }
    await driver.apply({ ...network, routers: [...network.routers, other] })
    const from = await endpoint(alpha, '10.0.1.253')
    // Only the second router has somebody at 10.0.2.5.
    const twin = await endpoint({ ...beta, id: 'eni-beta-two' }, '10.0.2.253')
    const twinPeer = await endpoint({ ...alpha, id: 'eni-alpha-two' }, '10.0.1.253')
    await eventually('the twin is reachable in its own network', () => fixture.pings(twinPeer, '10.0.2.5'))
    expect(await fixture.pings(from, '10.0.2.5')).toBe(false)
    expect(await fixture.pings(twin, '10.0.1.253')).toBe(true)
  })

  test('the metadata address answers guests whatever their rules are', async () => {
    await driver.apply(twoSwitches([rule({ direction: 'egress', policy: 'drop', protocol: 'all' })]))
    const guest = await endpoint(alpha, '10.0.1.253')
    const { netns } = await fixture.ports.ensureMetadataPort('vpc-one')
    await eventually('metadata answers', () => fixture.pings(guest, '100.100.100.200'))
    await reaches(guest, '10.0.2.253', false)

    const server = { netns, ifname: '' }
    await fixture.runIn(server, 'sh', '-c', `busybox nc -ll -p 80 -e echo metadata >/dev/null 2>&1 </dev/null &`)
    const fetch = ['sh', '-c', 'busybox nc -w 1 100.100.100.200 80 </dev/null || true']
    await eventually('TCP answers', async () => (await fixture.runIn(guest, ...fetch)).includes('metadata'))
    for (const pid of (await run('ip', ['netns', 'pids', netns])).split('\n').filter(Boolean)) process.kill(Number(pid))
    expect(await fixture.ports.listMetadataPorts()).toEqual([{ routerId: 'vpc-one', netns }])
    await fixture.ports.removeMetadataPort('vpc-one')
    expect(await fixture.ports.listMetadataPorts()).toEqual([])
    expect(listNamespaces(`${fixture.fabric.namespace}-md-`)).toEqual([])
  })

  test('the metadata address comes back when its namespace or the switch went away', async () => {
    await driver.apply(twoSwitches())
    const guest = await endpoint(alpha, '10.0.1.253')
    const { ports, fabric } = fixture
    const { netns } = await ports.ensureMetadataPort('vpc-one')
    await eventually('metadata answers', () => fixture.pings(guest, metadataAddress))
    await run('ip', ['netns', 'delete', netns])
    await eventually('metadata is gone', async () => !(await fixture.pings(guest, metadataAddress)))
    await ports.ensureMetadataPort('vpc-one')
    await eventually('metadata answers again', () => fixture.pings(guest, metadataAddress))

    const tap = await ports.ensureTap('eni-beta', 4242)
    process.kill(findDaemonPid(fabric, 'ovs-vswitchd')!, 'SIGKILL')
    await eventually('the switch is gone', async () => findDaemonPid(fabric, 'ovs-vswitchd') === undefined)
    expect((await ensureFabric(fabric)).started).toEqual(['ovs-vswitchd'])
    expect(await ports.ensureTap('eni-beta', 4242)).toEqual(tap)
    await ports.ensureMetadataPort('vpc-one')
    // The interface that stands for the guest was made by the switch, too.
    await fixture.removeEndpoint(guest)
    const again = await endpoint(alpha, '10.0.1.253')
    await eventually('metadata answers after all', () => fixture.pings(again, metadataAddress))
    await ports.removeMetadataPort('vpc-one')
    await ports.removeTap('eni-beta')
  })

  test('a switch follows the route table it has chosen', async () => {
    const network = twoSwitches([rule()])
    network.routers[0]!.routes = [
      { table: 'main', prefix: '172.16.0.0/16', via: '10.0.2.5' },
      { table: 'vtb-own', prefix: '172.16.0.0/16', via: 'discard' },
    ]
    await driver.apply(network)
    const from = await endpoint(alpha, '10.0.1.253')
    const to = await endpoint(beta, '10.0.2.253')
    await run('ip', ['-n', to.netns, 'address', 'add', '172.16.0.9/32', 'dev', 'lo'])
    await eventually('the next hop answers for the network behind it', () => fixture.pings(from, '172.16.0.9'))
    network.routers[0]!.switches[0]!.routeTable = 'vtb-own'
    await driver.apply(network)
    await reaches(from, '172.16.0.9', false)
    await reaches(from, '10.0.2.5', true)
  })

  test('rows that others delete or change come back', async () => {
    const network = twoSwitches([rule()])
    await driver.apply(network)
    const rows = await countRows()
    await nbctl('lsp-del', 'eni-alpha')
    await nbctl('lrp-set-redirect-type', 'lrp-vsw-a', 'overlay')
    await nbctl('clear', 'port_group', 'sg_sg_app', 'acls')
    await nbctl('ls-del', 'svc-vpc-one')
    await nbctl('ls-add', 'not-ours')
    await eventually('the driver sees and repairs it', async () => {
      await driver.apply(network)
      return (await countRows()) === rows + 1
    })
    expect((await driver.apply(network)).changes).toBe(0)
    expect(await nbctl('ls-list')).toContain('not-ours')
    await nbctl('ls-del', 'not-ours')
  })

  test('calls that overlap end with the last desired network', async () => {
    const reports = await Promise.all([
      driver.apply(twoSwitches([rule()])),
      driver.apply(twoSwitches([])),
      driver.apply(empty),
      driver.apply(twoSwitches([rule({ priority: 7 })])),
    ])
    expect(reports.at(-1)!.readyPortIds).toHaveLength(2)
    expect((await driver.apply(twoSwitches([rule({ priority: 7 })]))).changes).toBe(0)
  })

  test('two control planes that write the same network make it once', async () => {
    await driver.apply(empty)
    const second = createOvnDriver({ address: fixture.fabric.northbound, cell: 'test' })
    await Promise.all([driver.apply(twoSwitches([rule()])), second.apply(twoSwitches([rule()]))])
    expect((await nbctl('ls-list')).match(/\(vsw-a\)/g)).toHaveLength(1)
    expect((await driver.apply(twoSwitches([rule()]))).changes).toBe(0)
    await second.close()
  })

  test('daemons that die are started again, and the network goes on', async () => {
    await driver.apply(twoSwitches([rule()]))
    const from = await endpoint(alpha, '10.0.1.253')
    await endpoint(beta, '10.0.2.253')
    for (const name of ['ovn-controller', 'ovn-northd', 'ovsdb-nb'] as const) {
      process.kill(findDaemonPid(fixture.fabric, name)!, 'SIGKILL')
      await eventually(`${name} is gone`, async () => findDaemonPid(fixture.fabric, name) === undefined)
    }
    const again = await ensureFabric(fixture.fabric)
    expect(again.started.sort()).toEqual(['ovn-controller', 'ovn-northd', 'ovsdb-nb'])
    expect((await ensureFabric(fixture.fabric)).started).toEqual([])
    await driver.apply(twoSwitches([]))
    await reaches(from, '10.0.2.5', false)
    await driver.apply(twoSwitches([rule()]))
    await eventually('the ping is answered', () => fixture.pings(from, '10.0.2.5'))
  })

  test('taps are made once, listed, repaired and removed', async () => {
    const { ports, fabric } = fixture
    const links = async () => await run('ip', ['-n', fabric.namespace, '-br', 'link'])
    const made = await ports.ensureTap('eni-tap', 4242)
    expect(made.ifname).toMatch(/^t[0-9a-f]{14}$/)
    expect(await ports.ensureTap('eni-tap', 4242)).toEqual(made)
    const owner = await run('ip', ['netns', 'exec', fabric.namespace, 'cat', `/sys/class/net/${made.ifname}/owner`])
    expect(owner.trim()).toBe('4242')
    await run('ip', ['-n', fabric.namespace, 'link', 'delete', made.ifname])
    await ports.ensureTap('eni-tap', 4242)
    expect(await links()).toContain(made.ifname)
    const many = await Promise.all([...Array(20).keys()].map((n) => ports.ensureTap(`eni-tap-${n}`, 4242)))
    expect(await ports.listTaps()).toHaveLength(many.length + 1)
    await Promise.all((await ports.listTaps()).map((tap) => ports.removeTap(tap.portId)))
    expect(await ports.listTaps()).toEqual([])
    expect(await links()).not.toMatch(/^t[0-9a-f]{14}/m)
    await ports.removeTap('eni-tap')
  })

  test('an empty network leaves no row', async () => {
    await driver.apply(twoSwitches([rule()]))
    expect(await countRows()).toBeGreaterThan(10)
    await driver.apply(empty)
    expect(await countRows()).toBe(0)
  })
})

describe.skipIf(obstacle !== undefined)('a fabric', { timeout: 60_000 }, () => {
  test('works beside another, in a directory with a path too long for a socket address', async () => {
    await using one = await startFabricFixture()
    await using two = await startFabricFixture({ subDir: `${'long'.repeat(30)}/network` })
    for (const { fabric, ports } of [one, two]) {
      const driver = createOvnDriver({ address: fabric.northbound, cell: 'test', readyAt: 'hosts' })
      const { changes, readyPortIds } = await driver.apply(twoSwitches([rule()]))
      expect(changes).toBeGreaterThan(10)
      expect(readyPortIds).toHaveLength(2)
      await ports.ensureTap('eni-alpha', 4242)
      expect(await ports.listTaps()).toHaveLength(1)
      await driver.close()
    }
  })

  test('times rule changes against the tool of OVN, and leaves nothing', async () => {
    await using fixture = await startFabricFixture()
    const { driverMs, nbctlMs } = await timeRuleChanges(fixture.fabric, { ports: 20, changes: 3 })
    expect([driverMs.length, nbctlMs.length]).toEqual([3, 3])
    expect(Math.min(...driverMs, ...nbctlMs)).toBeGreaterThan(0)
    const rows = await run('ovn-nbctl', [`--db=${fixture.fabric.northbound}`, 'list', 'acl'])
    expect(rows.trim()).toBe('')
  })

  test('keeps its logs short', async () => {
    await using fixture = await startFabricFixture()
    await ensureFabric({ ...fixture.fabric, maxLogBytes: 10 })
    // Opening a log again leaves a line in it.
    for (const { name, logBytes } of fabricStatus(fixture.fabric).daemons)
      expect([name, logBytes < 400]).toEqual([name, true])
    expect(existsSync(`${fixture.fabric.runDir}/ovn-controller.log.1`)).toBe(true)
  })

  test('stops without a trace but its databases, and starts with what they hold', async () => {
    await using fixture = await startFabricFixture()
    const { fabric } = fixture
    const driver = createOvnDriver({ address: fabric.northbound, cell: 'test' })
    const network = twoSwitches([rule()])
    await driver.apply(network)
    const pids = fabricStatus(fabric).daemons.map((daemon) => daemon.pid!)
    await stopFabric(fabric)
    expect(fabricStatus(fabric).daemons.map((daemon) => daemon.pid)).toEqual(pids.map(() => undefined))
    expect(listNamespaces(fabric.namespace)).toEqual([])
    await ensureFabric(fabric)
    expect((await driver.apply(network)).changes).toBe(0)
    await driver.close()
  })
})

/** Runs udhcpc once and prints the environment it hands its script. */
function leaseCommand(ifname: string, dir: string): string {
  const script = `${dir}/lease.sh`
  return `printf '#!/bin/sh\\n[ "$1" = bound ] && env\\nexit 0\\n' > ${script}; chmod +x ${script}; busybox udhcpc -f -q -n -t 2 -T 1 -i ${ifname} -s ${script} -O hostname`
}
