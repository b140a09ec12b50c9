/** What a cloud may have left on this machine, listed so that a failing test names it. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { listNamespaces } from '@pileus/dataplane/network/namespaces'
import { listProcessesByDirectory } from '@pileus/dataplane/qemu/process'
import pg from 'pg'
import { runProgram } from './launcher.ts'

/** Where one cloud keeps what it makes. */
export interface CloudPlace {
  dataDir: string
  namespace: string
  /** Directory of the network's databases and sockets. */
  fabricDir: string
  /** Directory of the database's socket. */
  postgresSocketDir: string
}

/** Process ids of the QEMUs of a cloud. */
export async function listQemuPids(dataDir: string): Promise<number[]> {
  const processes = await listProcessesByDirectory()
  return [...processes].filter(([directory]) => directory.startsWith(`${dataDir}/`)).map(([, { pid }]) => pid)
}

/** Whatever of machines is left while the cloud runs, though no machine should be: one line each. */
export async function listMachineLeftovers(place: CloudPlace): Promise<string[]> {
  const found = [
    (await listQemuPids(place.dataDir)).map((pid) => `qemu process ${pid}`),
    filesIn(join(place.dataDir, 'machines')),
    filesIn(join(place.dataDir, 'disks')),
    await listLinks(place.namespace),
    await listOvnPorts(place),
    await listRows(place),
  ]
  return found.flat()
}

/** Whatever of the network is left though no VPC is: one line each. */
export async function listNetworkLeftovers(place: CloudPlace): Promise<string[]> {
  const names = await select(place, 'nb', 'OVN_Northbound', ['Logical_Router', 'Logical_Switch', 'Port_Group', 'ACL'])
  const rows = await query(place, { 'vpc.vpcs': 'true', 'vpc.vswitches': 'true', 'vpc.security_groups': 'true' })
  return [...names, ...rows, ...listNamespaces(`${place.namespace}-md-`).map((name) => `namespace ${name}`)]
}

/** Whatever is left of a cloud that was reset: one line each. `directories` are all it had outside its data directory. */
export function listCloudLeftovers(place: CloudPlace, directories: readonly string[]): string[] {
  return [
    ...[place.dataDir, ...directories].filter((directory) => existsSync(directory)).map((each) => `directory ${each}`),
    ...listNamespaces(place.namespace).map((name) => `namespace ${name}`),
    ...listProcessesThatName([place.dataDir, ...directories]),
  ]
}

function filesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => `file ${join(directory, name)}`) : []
}

/** Taps and metadata interfaces. */
async function listLinks(namespace: string): Promise<string[]> {
  const { stdout } = await runProgram('ip', ['-n', namespace, '-o', 'link'])
  const names = [...stdout.matchAll(/^\d+: ([^:@]+)/gm)].map((match) => match[1] ?? '')
  return names.filter((name) => /^t[0-9a-f]{14}$/.test(name)).map((name) => `tap ${name}`)
}

/** Logical ports of machines, and their taps in the local switch. */
async function listOvnPorts(place: CloudPlace): Promise<string[]> {
  const logical = await select(place, 'nb', 'OVN_Northbound', ['Logical_Switch_Port'])
  const local = await select(place, 'local', 'Open_vSwitch', ['Interface'])
  return [
    ...logical.filter((line) => line.includes(' eni-')),
    ...local.filter((line) => /^Interface t[0-9a-f]{14}$/.test(line)),
  ]
}

/** `Table name` of every row. */
async function select(place: CloudPlace, socket: string, database: string, tables: string[]): Promise<string[]> {
  const operations = tables.map((table) => ({ op: 'select', table, where: [], columns: ['name'] }))
  const address = `unix:${place.fabricDir}/${socket}.sock`
  const { code, stdout, stderr } = await runProgram('ovsdb-client', [
    'transact',
    address,
    JSON.stringify([database, ...operations]),
  ])
  if (code !== 0) throw new Error(`asking ${address}: ${stderr}`)
  const answers = JSON.parse(stdout) as { rows: { name: unknown }[] }[]
  return answers.flatMap(({ rows }, i) => rows.map(({ name }) => `${tables[i]} ${String(name)}`))
}

async function listRows(place: CloudPlace): Promise<string[]> {
  return await query(place, {
    'ecs.instances': 'true',
    'ecs.disks': 'true',
    'ecs.consoles': 'true',
    'ecs.host_pools': 'reserved_vcpus > 0 or reserved_memory_mib > 0 or reserved_disk_gib > 0',
    'vpc.nics': 'true',
    'vpc.addresses': 'true',
    'vpc.nic_security_groups': 'true',
  })
}

/** `N rows of table` for each table that has rows for which the condition holds. */
async function query(place: CloudPlace, conditions: Record<string, string>): Promise<string[]> {
  const client = new pg.Client({ host: place.postgresSocketDir, port: 5432, user: 'pileus', database: 'postgres' })
  await client.connect()
  try {
    const found: string[] = []
    for (const [table, condition] of Object.entries(conditions)) {
      const { rows } = await client.query<{ count: string }>(`select count(*) from ${table} where ${condition}`)
      if (rows[0]?.count !== '0') found.push(`${rows[0]?.count} rows of ${table}`)
    }
    return found
  } finally {
    await client.end()
  }
}

/** Processes with one of the directories on their command line or as their place of work: one line each. */
export function listProcessesThatName(directories: readonly string[]): string[] {
  const found: string[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const text = `${readFileSync(`/proc/${pid}/cmdline`, 'utf8')}\0${readlinkSync(`/proc/${pid}/cwd`)}`
      if (directories.some((directory) => text.includes(directory)))
        found.push(`process ${pid}: ${text.replaceAll('\0', ' ').slice(0, 200)}`)
    } catch {
      // It ended meanwhile, or is a kernel's own.
    }
  }
  return found
}
