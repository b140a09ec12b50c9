import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Log } from '@pileus/kernel/log'
import { isAlive } from '@pileus/kernel/process-state'

/**
 * Keeps the host agent of this machine running, as a process of its own: machines and agent outlive the control
 * plane, and an agent that runs already is left alone.
 */
export interface AgentProcess {
  /** Ends the agent and waits for it; machines run on. */
  stop(): Promise<void>
  /** Stops looking after the agent, which runs on. */
  release(): void
}

const checkEveryMs = 1_000

export function keepAgentRunning(options: {
  dataDir: string
  installDir: string
  config: object
  log: Log
  /** Once aborted, no agent is started any more. */
  forced?: AbortSignal | undefined
}): AgentProcess {
  const { dataDir, installDir, log } = options
  const configFile = configFileOf(dataDir)
  const logFile = join(dataDir, 'logs', 'host-agent.log')
  mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 })
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  writeFileSync(configFile, JSON.stringify({ ...options.config, logFile }), { mode: 0o600 })
  let starting: number | undefined

  const ensure = (): void => {
    if (options.forced?.aborted) return
    if (livePid(dataDir) !== undefined || (starting !== undefined && isAlive(starting))) return
    const output = openSync(logFile, 'a', 0o600)
    const program = join(installDir, 'dist', 'host-agent.mjs')
    const child = spawn(process.execPath, ['--enable-source-maps', program, configFile], {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: '/',
    })
    child.on('error', (error) => log.error({ err: error }, 'cannot start the host agent'))
    child.unref()
    closeSync(output)
    starting = child.pid
    log.info({ pid: child.pid }, 'host agent started')
  }

  ensure()
  const timer = setInterval(ensure, checkEveryMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await endAgent(dataDir, { starting })
    },
    release: () => clearInterval(timer),
  }
}

/**
 * Ends the agent of a data directory, and one that is still starting, and waits for them. Machines run on.
 * `SIGKILL` leaves it no time.
 */
export async function endAgent(
  dataDir: string,
  { starting, how = 'SIGTERM' }: { starting?: number | undefined; how?: 'SIGTERM' | 'SIGKILL' } = {},
): Promise<boolean> {
  const known = new Set([livePid(dataDir), starting, ...listAgents(dataDir)])
  const pids = [...known].filter((pid) => pid !== undefined && isAlive(pid)) as number[]
  for (const pid of pids) {
    process.kill(pid, how)
    const deadline = Date.now() + 15_000
    while (isAlive(pid) && Date.now() < deadline) await new Promise((wake) => setTimeout(wake, 25))
    if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  }
  return pids.length > 0
}

function configFileOf(dataDir: string): string {
  return join(dataDir, 'run', 'agent.json')
}

/** Whether the path is that of the agent's configuration, by whatever links it leads there. */
function isConfigOf(path: string, dataDir: string): boolean {
  const own = configFileOf(dataDir)
  if (path === own) return true
  return (
    basename(path) === basename(own) && existsSync(path) && existsSync(own) && realpathSync(path) === realpathSync(own)
  )
}

/** Agents of the data directory by their command lines: one that starts has not written its file yet. */
function listAgents(dataDir: string): number[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => isAgentOf(pid, dataDir, 'host-agent.mjs'))
}

/** Process id in the agent's file, when that process is the agent of this data directory. */
function livePid(dataDir: string): number | undefined {
  const pidFile = join(dataDir, 'agent', 'pid')
  if (!existsSync(pidFile)) return undefined
  const pid = Number(readFileSync(pidFile, 'utf8'))
  if (!isAlive(pid)) return undefined
  // After a restart of the machine another program may have the number, be it another cloud's agent.
  return isAgentOf(pid, dataDir) ? pid : undefined
}

/** By its command line, on which `program` must be too when it is given. */
function isAgentOf(pid: number, dataDir: string, program?: string): boolean {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const isOurs = program === undefined || args.some((arg) => basename(arg) === program)
    return isOurs && args.some((arg) => isConfigOf(arg, dataDir))
  } catch {
    return false
  }
}
