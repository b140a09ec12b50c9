/**
 * The network's daemons on this machine, all inside one network namespace: OVN's two databases and its translator, the
 * switch and its database, and OVN's controller. Several fabrics may run on a machine, each with a namespace and a
 * directory of its own.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { effect } from '@pileus/kernel/effects'
import type { Operation } from '../ovsdb/operations.ts'
import { named, sameColumn } from '../ovsdb/schema.ts'
import { run } from './commands.ts'
import {
  boundLog,
  type DaemonName,
  daemonNames,
  ensureDaemon,
  type FabricPlace,
  findDaemonPid,
  stopDaemon,
} from './daemons.ts'
import { findNamed, type LocalDatabase, openLocalDatabase } from './local-database.ts'
import { integrationBridge } from './local-tables.ts'
import { derivedMac } from './names.ts'
import { ensureNamespace, listNamespaces, namespaceExists, removeNamespace } from './namespaces.ts'

export interface FabricOptions extends FabricPlace {
  /** Address at which other hosts reach this one's tunnels; loopback by default, for a cloud of one machine. */
  encapIp?: string
  /** Length, in bytes, after which a daemon's log is moved aside; each daemon keeps at most twice that. */
  maxLogBytes?: number
}

export interface Fabric extends FabricPlace {
  /** OVSDB addresses, as `createOvnDriver` takes them. */
  northbound: string
  southbound: string
  /** `system` is the kernel's switch, `netdev` the one inside ovs-vswitchd. */
  datapath: 'system' | 'netdev'
  /** Daemons this call had to start; empty when all ran. */
  started: DaemonName[]
}

export interface FabricStatus {
  namespaceExists: boolean
  daemons: { name: DaemonName; pid: number | undefined; logBytes: number }[]
}

/** Programs the fabric needs, with the Debian package each comes from. */
export const requiredPrograms: readonly { program: string; debianPackage: string }[] = [
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'ovsdb-server', debianPackage: 'openvswitch-switch' },
  { program: 'ovsdb-tool', debianPackage: 'openvswitch-common' },
  { program: 'ovs-vswitchd', debianPackage: 'openvswitch-switch' },
  { program: 'ovn-northd', debianPackage: 'ovn-central' },
  { program: 'ovn-controller', debianPackage: 'ovn-host' },
]

const databases: { name: string; schema: string }[] = [
  { name: 'local', schema: '/usr/share/openvswitch/vswitch.ovsschema' },
  { name: 'nb', schema: '/usr/share/ovn/ovn-nb.ovsschema' },
  { name: 'sb', schema: '/usr/share/ovn/ovn-sb.ovsschema' },
]

const defaultMaxLogBytes = 4 * 1024 * 1024

/**
 * Makes everything of the fabric run that does not: safe to call again at any time, and from several processes.
 * @throws CommandError when a program is missing or a daemon does not start
 */
export async function ensureFabric(options: FabricOptions): Promise<Fabric> {
  const { namespace, runDir } = options
  mkdirSync(runDir, { recursive: true, mode: 0o700 })
  await ensureNamespace(namespace)
  const datapath = await probeDatapath()
  const start = async (name: DaemonName) => ((await ensureDaemon(options, name)) ? [name] : [])
  const started = await all(
    databases.map(async ({ name, schema }) => {
      const daemon = `ovsdb-${name}` as DaemonName
      if (findDaemonPid(options, daemon) === undefined) await ensureDatabase(`${runDir}/${name}.db`, schema)
      return await start(daemon)
    }),
  )
  const local = openLocalDatabase(runDir)
  try {
    await ensureBridge(local, options, datapath)
  } finally {
    local.client.close()
  }
  // A controller that comes before the switch waits a second before it tries again.
  const startSwitch = async () => [...(await start('ovs-vswitchd')), ...(await start('ovn-controller'))]
  started.push(...(await all([start('ovn-northd'), startSwitch()])))
  for (const name of daemonNames) await boundLog(options, name, options.maxLogBytes ?? defaultMaxLogBytes)
  return {
    namespace,
    runDir,
    northbound: `unix:${runDir}/nb.sock`,
    southbound: `unix:${runDir}/sb.sock`,
    datapath,
    started,
  }
}

/** Ends the daemons and removes the namespaces with all that is in them. The databases stay in `runDir`. */
export async function stopFabric(place: FabricPlace): Promise<void> {
  for (const name of [...daemonNames].reverse()) await stopDaemon(place, name)
  for (const name of listNamespaces(`${place.namespace}-md-`)) await removeNamespace(name)
  await removeNamespace(place.namespace)
}

/** What of the fabric runs now. */
export function fabricStatus(place: FabricPlace): FabricStatus {
  const daemons = daemonNames.map((name) => {
    const log = `${place.runDir}/${name}.log`
    return { name, pid: findDaemonPid(place, name), logBytes: existsSync(log) ? statSync(log).size : 0 }
  })
  return { namespaceExists: namespaceExists(place.namespace), daemons }
}

async function all(each: Promise<DaemonName[]>[]): Promise<DaemonName[]> {
  return (await Promise.all(each)).flat()
}

/** The kernel's switch where it has one; loading it needs the module to be installed. */
async function probeDatapath(): Promise<'system' | 'netdev'> {
  if (existsSync('/sys/module/openvswitch')) return 'system'
  try {
    await run('modprobe', ['-q', 'openvswitch'])
  } catch {
    return 'netdev'
  }
  return existsSync('/sys/module/openvswitch') ? 'system' : 'netdev'
}

/** Makes a database file, or brings one of an older release to the schema of the installed one. */
async function ensureDatabase(file: string, schema: string): Promise<void> {
  if (existsSync(file)) {
    const answer = await run('ovsdb-tool', ['needs-conversion', file, schema])
    if (answer.trim() === 'yes') await effect('ovsdb.convert', () => run('ovsdb-tool', ['convert', file, schema]))
    return
  }
  const unfinished = `${file}.new`
  rmSync(unfinished, { force: true })
  await effect('ovsdb.create', async () => {
    await run('ovsdb-tool', ['create', unfinished, schema])
    renameSync(unfinished, file)
  })
}

async function ensureBridge(local: LocalDatabase, options: FabricOptions, datapath: Fabric['datapath']): Promise<void> {
  await local.writer.write('preparing the integration bridge', () => planBridge(local, options, datapath))
}

function planBridge(local: LocalDatabase, options: FabricOptions, datapath: Fabric['datapath']): Operation[] {
  const [root] = local.replica.table('Open_vSwitch').rows
  const bridge = findNamed(local, 'Bridge', integrationBridge)
  const operations: Operation[] = []
  const settings = new Map([
    ['ovn-remote', `unix:${options.runDir}/sb.sock`],
    ['ovn-bridge', integrationBridge],
    ['ovn-bridge-datapath-type', datapath],
    ['ovn-encap-type', 'geneve'],
    ['ovn-encap-ip', options.encapIp ?? '127.0.0.1'],
    ['ovn-monitor-all', 'true'],
  ])
  const rootUuid = root?.[0] ?? named('root')
  const externalIds = new Map(root?.[1].external_ids)
  const right = externalIds.has('system-id') && [...settings].every(([key, value]) => externalIds.get(key) === value)
  for (const [key, value] of settings) externalIds.set(key, value)
  if (!externalIds.has('system-id')) externalIds.set('system-id', randomUUID())
  if (!root) operations.push(local.build.insert('Open_vSwitch', { external_ids: externalIds }, 'root'))
  else if (!right) operations.push(local.build.update('Open_vSwitch', rootUuid, { external_ids: externalIds }))
  const columns = {
    datapath_type: datapath,
    fail_mode: 'secure',
    other_config: new Map([
      ['disable-in-band', 'true'],
      // Left to itself the bridge takes the lowest address of its ports, and drops its controllers when that changes.
      ['hwaddr', derivedMac(`${options.namespace} ${options.runDir}`)],
    ]),
  }
  if (bridge) {
    const same = Object.entries(columns).every(([column, value]) =>
      sameColumn(bridge.row[column as keyof typeof columns], value),
    )
    return same ? operations : [...operations, local.build.update('Bridge', bridge.uuid, columns)]
  }
  return [
    ...operations,
    local.build.insert('Interface', { name: integrationBridge, type: 'internal' }, 'bridgeInterface'),
    local.build.insert(
      'Port',
      { name: integrationBridge, interfaces: new Set([named('bridgeInterface')]) },
      'bridgePort',
    ),
    local.build.insert(
      'Bridge',
      { ...columns, name: integrationBridge, ports: new Set([named('bridgePort')]) },
      'bridge',
    ),
    local.build.add('Open_vSwitch', rootUuid, 'bridges', new Set([named('bridge')])),
  ]
}
