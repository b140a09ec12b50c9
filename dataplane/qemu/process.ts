/**
 * QEMU as an operating-system process: started detached, found again after the agent's own restart, ended.
 *
 * A machine's process is recognised by its working directory, which is the machine's own `run` directory, and its
 * start time. Both hold from the instant the process exists, so there is no moment in which an agent that died left a
 * QEMU nobody can find, and no file that a guest's QEMU could forge decides which process is killed.
 */
import { spawn } from 'node:child_process'
import { open, readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { effect } from '@pileus/kernel/effects'

/** A process and when it started; together they are never reused. */
export interface ProcessIdentity {
  pid: number
  /** Start time in clock ticks after boot. */
  startTicks: number
}

export interface LaunchOptions {
  binary: string
  args: string[]
  /** QEMU's working directory. */
  runDir: string
  /** Where QEMU's own messages go. */
  logFile: string
  /** Unprivileged owner; absent keeps the agent's. */
  uid?: number | undefined
  /** Groups besides the owner's own. */
  groups?: readonly number[]
  /** Network namespace that holds the taps; absent keeps the agent's. */
  namespace?: string | undefined
  /** Directory of a cgroup v2 to run in. */
  cgroup?: string | undefined
}

/**
 * Starts QEMU in a session of its own and gives its identity as soon as the program is loading; it may still end at
 * once, with the reason in `logFile`. Calls `onExit` when it ends while this process lives.
 * @throws Error when the program cannot be run
 */
export async function launchQemu(options: LaunchOptions, onExit: () => void): Promise<ProcessIdentity> {
  const [command, ...args] = launchCommand(options)
  const log = await open(options.logFile, 'a', 0o600)
  try {
    await log.truncate(0)
    return await effect('qemu.launch', async () => {
      const child = spawn(command!, args, {
        cwd: options.runDir,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      })
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      child.once('exit', onExit)
      child.unref()
      const startTicks = await findStartTicks(child.pid!)
      return { pid: child.pid!, startTicks: startTicks ?? 0 }
    })
  } finally {
    await log.close()
  }
}

/** The chain of programs, each replacing the one before, that ends in QEMU under the same process id. */
export function launchCommand(options: LaunchOptions): string[] {
  const join = options.cgroup
    ? ['sh', '-c', 'echo 0 > "$1/cgroup.procs" && shift && exec "$@"', 'sh', options.cgroup]
    : []
  const enter = options.namespace ? ['ip', 'netns', 'exec', options.namespace] : []
  return [...join, ...enter, ...dropCommand(options), options.binary, ...options.args]
}

/** What to put before a command so that it runs under an unprivileged user; nothing when there is no such user. */
export function dropCommand({ uid, groups = [] }: Pick<LaunchOptions, 'uid' | 'groups'>): string[] {
  if (uid === undefined) return []
  const others = groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups'
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, others, '--no-new-privs', '--']
}

/** Every process that has `-name guest=` among its arguments, by its working directory. */
export async function listProcessesByDirectory(): Promise<Map<string, ProcessIdentity>> {
  const found = new Map<string, ProcessIdentity>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const identity = await readQemu(Number(name)).catch(() => undefined)
    if (identity) found.set(identity.directory, { pid: identity.pid, startTicks: identity.startTicks })
  }
  return found
}

async function readQemu(pid: number): Promise<(ProcessIdentity & { directory: string }) | undefined> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  if (!args.some((arg, index) => args[index - 1] === '-name' && arg.startsWith('guest='))) return undefined
  const startTicks = await findStartTicks(pid)
  if (startTicks === undefined) return undefined
  return { pid, startTicks, directory: await readlink(`/proc/${pid}/cwd`) }
}

/** Start time of a live process in clock ticks after boot; undefined when there is none or it is a zombie. */
export async function findStartTicks(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // The second field is the program's name, which may hold anything, in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined
  return Number(fields[19])
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await findStartTicks(identity.pid)) === identity.startTicks
}

/** Waits until the process is gone; false when it still lives after `timeoutMs`. */
export async function waitForExit(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  for (let pauseMs = 5; await isAlive(identity); pauseMs = Math.min(pauseMs * 2, 100)) {
    if (Date.now() > deadline) return false
    await sleep(pauseMs)
  }
  return true
}

/** Kills the process if it is still the same one, and waits until it is gone. @throws Error when it does not go */
export async function killProcess(identity: ProcessIdentity): Promise<void> {
  if (!(await isAlive(identity))) return
  await effect('qemu.kill', async () => {
    try {
      process.kill(identity.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  })
  if (!(await waitForExit(identity, 10_000))) throw new Error(`process ${identity.pid} does not end when killed`)
}
