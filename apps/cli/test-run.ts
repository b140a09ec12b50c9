/**
 * The processes of one run of the tests, and what they leave behind when they are cut off: databases, machines and
 * networks that were meant to outlive their parents. All are known by the directory for temporary files that the run
 * gives them, which stands in their environment, their command line or is above where they work.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestRun {
  /** For temporary files. */
  directory: string
  /** Runs a Node program to its end; `show` lets its output through. */
  run(program: readonly string[], options: { show: boolean }): Promise<{ code: number; output: string }>
  /** Ends all that still runs, and removes what it left. Gives the names of the programs that it had to end. */
  close(): Promise<string[]>
}

const namespaceDir = '/run/netns'

/** Starts a run in the folder `root`. Once `signal` is aborted its programs are ended, and once `forced` is, at once. */
export function openTestRun(root: string, { signal, forced }: { signal: AbortSignal; forced: AbortSignal }): TestRun {
  // Short, since paths of sockets must be.
  const directory = mkdtempSync(join(tmpdir(), 'pt-'))
  // Databases, machines and apt run as other users.
  chmodSync(directory, 0o1777)
  return {
    directory,
    run: ([program = '', ...args], { show }) =>
      new Promise((done, fail) => {
        if (signal.aborted) return fail(signal.reason)
        const child = spawn(process.execPath, [program, ...args], {
          cwd: root,
          stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, TMPDIR: directory },
          // Told by us alone, once.
          detached: true,
        })
        const end = (): void => endGroup(child, 'SIGTERM')
        const endAtOnce = (): void => endGroup(child, 'SIGKILL')
        signal.addEventListener('abort', end)
        forced.addEventListener('abort', endAtOnce)
        let output = ''
        child.stdout?.on('data', (chunk) => (output += chunk))
        child.stderr?.on('data', (chunk) => (output += chunk))
        child.on('error', fail)
        child.on('close', (code) => {
          signal.removeEventListener('abort', end)
          forced.removeEventListener('abort', endAtOnce)
          if (signal.aborted) fail(signal.reason)
          else done({ code: code ?? 1, output })
        })
      }),
    close: async () => {
      const ended = await endAll(directory)
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
      return ended
    },
  }
}

function endGroup({ pid }: ChildProcess, how: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, how)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A program that starts another in this moment is seen the next time. */
const mostSweeps = 20

async function endAll(directory: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const ended: string[] = []
  const namespaces = new Set<string>()
  for (let sweep = 0; sweep < mostSweeps; sweep += 1) {
    const found = listProcesses(directory)
    if (found.length === 0) break
    for (const { pid, name } of found) {
      const namespace = findNamespace(pid)
      if (namespace !== undefined) namespaces.add(namespace)
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
      if (sweep === 0) ended.push(name)
    }
    await sleep(50)
  }
  for (const namespace of namespaces) {
    // Others that were made for it have names that begin with its own.
    const names = readdirSync(namespaceDir).filter((name) => name === namespace || name.startsWith(`${namespace}-`))
    for (const name of names) execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
  }
  return ended
}

function listProcesses(directory: string): { pid: number; name: string }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      const isGone = ['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '')
      return !isGone && belongsTo(pid, directory) ? [{ pid: Number(pid), name }] : []
    } catch {
      return []
    }
  })
}

function belongsTo(pid: string, directory: string): boolean {
  const within = (text: string): boolean => text === directory || text.startsWith(`${directory}/`)
  if (within(readlinkSync(`/proc/${pid}/cwd`))) return true
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  return environment.includes(`TMPDIR=${directory}`)
}

/** Name of the network namespace that a process is in, when it is not this one's. */
function findNamespace(pid: number): string | undefined {
  if (!existsSync(namespaceDir)) return undefined
  try {
    const { ino } = statSync(`/proc/${pid}/ns/net`)
    if (ino === statSync('/proc/self/ns/net').ino) return undefined
    return readdirSync(namespaceDir).find((name) => statSync(join(namespaceDir, name)).ino === ino)
  } catch {
    return undefined
  }
}
