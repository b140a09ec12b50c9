/**
 * The OVS and OVN daemons of one fabric. They detach themselves and outlive the process that starts them; a later one
 * finds them by their pid files, whose paths appear on their command lines, so that a reused pid is not mistaken.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { effect } from '@pileus/kernel/effects'
import { callDaemon } from '../ovsdb/json-rpc.ts'
import { run } from './commands.ts'
import { findNamespaceInode } from './namespaces.ts'

export type DaemonName = 'ovsdb-local' | 'ovsdb-nb' | 'ovsdb-sb' | 'ovn-northd' | 'ovs-vswitchd' | 'ovn-controller'

/** Where a fabric lives. */
export interface FabricPlace {
  /** Network namespace of the daemons, the switch and the taps. */
  namespace: string
  /** Absolute path of the directory for databases, sockets, pid files and logs; any length. */
  runDir: string
}

interface DaemonProgram {
  program: string
  args(runDir: string): string[]
}

const database = (name: string): DaemonProgram => ({
  program: 'ovsdb-server',
  args: (runDir) => [`--remote=punix:${runDir}/${name}.sock`, `${runDir}/${name}.db`],
})

const programs: Record<DaemonName, DaemonProgram> = {
  'ovsdb-local': database('local'),
  'ovsdb-nb': database('nb'),
  'ovsdb-sb': database('sb'),
  'ovn-northd': {
    program: 'ovn-northd',
    args: (runDir) => [`--ovnnb-db=unix:${runDir}/nb.sock`, `--ovnsb-db=unix:${runDir}/sb.sock`],
  },
  'ovs-vswitchd': { program: 'ovs-vswitchd', args: (runDir) => [`unix:${runDir}/local.sock`] },
  'ovn-controller': { program: 'ovn-controller', args: (runDir) => [`unix:${runDir}/local.sock`] },
}

/** In the order in which they start. */
export const daemonNames = Object.keys(programs) as DaemonName[]

const stopTimeoutMs = 5000
const pollMs = 10

/** Pid of a daemon that runs in its namespace; undefined when it does not. */
export function findDaemonPid(place: FabricPlace, name: DaemonName): number | undefined {
  const pid = findProcess(place, name)
  if (pid === undefined) return undefined
  return isInNamespace(pid, place.namespace) ? pid : undefined
}

/** Starts a daemon that does not run, and waits until it serves. True when it had to be started. */
export async function ensureDaemon(place: FabricPlace, name: DaemonName): Promise<boolean> {
  if (findDaemonPid(place, name) !== undefined) return false
  // One left in a namespace that has since been replaced holds the pid file, and reaches nothing.
  await stopDaemon(place, name)
  removeOldControlSockets(place, name)
  const { program, args } = programs[name]
  const file = (extension: string) => `${place.runDir}/${name}.${extension}`
  const common = [
    `--pidfile=${file('pid')}`,
    ...(hasFixedControlSocket(name) ? [`--unixctl=${file('ctl')}`] : []),
    `--log-file=${file('log')}`,
    '--detach',
    '--no-chdir',
    '-vconsole:off',
    '-vsyslog:off',
    '-vfile:info',
  ]
  const env = { ...process.env, OVS_RUNDIR: place.runDir, OVN_RUNDIR: place.runDir, OVS_LOGDIR: place.runDir }
  const command = ['netns', 'exec', place.namespace, program, ...common, ...args(place.runDir)]
  await effect(`${name}.start`, async () => {
    try {
      await run('ip', command, { env })
    } catch (error) {
      // Another process may have started it in the same moment; its pid file keeps a second one out.
      if (findDaemonPid(place, name) === undefined) throw error
    }
  })
  return true
}

/** Ends a daemon and waits until it is gone; nothing happens when it does not run. */
export async function stopDaemon(place: FabricPlace, name: DaemonName): Promise<void> {
  const pid = findProcess(place, name)
  if (pid === undefined) return
  await effect(`${name}.stop`, async () => {
    signal(pid, 'SIGTERM')
    const deadline = Date.now() + stopTimeoutMs
    while (findProcess(place, name) === pid) {
      if (Date.now() > deadline) signal(pid, 'SIGKILL')
      await sleep(pollMs)
    }
  })
}

/** Moves a daemon's log aside when it is longer than `maxBytes`, over the one moved before. */
export async function boundLog(place: FabricPlace, name: DaemonName, maxBytes: number): Promise<void> {
  const log = `${place.runDir}/${name}.log`
  if (!existsSync(log) || statSync(log).size <= maxBytes) return
  await effect(`${name}.rotate-log`, async () => {
    renameSync(log, `${log}.1`)
    const pid = findDaemonPid(place, name)
    if (pid !== undefined) await callDaemon(controlSocket(place, name, pid), 'vlog/reopen')
  })
}

/** ovn-controller names its control socket after its pid and takes no other name. */
function hasFixedControlSocket(name: DaemonName): boolean {
  return name !== 'ovn-controller'
}

function controlSocket(place: FabricPlace, name: DaemonName, pid: number): string {
  return hasFixedControlSocket(name) ? `${place.runDir}/${name}.ctl` : `${place.runDir}/${name}.${pid}.ctl`
}

/** Removes the control sockets that killed processes left behind. */
function removeOldControlSockets(place: FabricPlace, name: DaemonName): void {
  if (hasFixedControlSocket(name)) return
  for (const file of readdirSync(place.runDir)) {
    if (file.startsWith(`${name}.`) && /\.\d+\.ctl$/.test(file)) rmSync(`${place.runDir}/${file}`, { force: true })
  }
}

function findProcess(place: FabricPlace, name: DaemonName): number | undefined {
  const pidFile = `${place.runDir}/${name}.pid`
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim())
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return commandLine.includes(`--pidfile=${pidFile}`) ? pid : undefined
  } catch {
    return undefined
  }
}

function isInNamespace(pid: number, namespace: string): boolean {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino === findNamespaceInode(namespace)
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
