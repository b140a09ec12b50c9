import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { stopFabric } from '@pileus/dataplane/network/host'
import { killProcess, listProcessesByDirectory, type ProcessIdentity } from '@pileus/dataplane/qemu/process'
import { removeShortDirectory } from '@pileus/kernel/short-directory'
import { endAgent } from './agent-process.ts'

/**
 * Ends what outlives a control plane that was killed: the agent first, since it would start the rest again, then
 * machines, network and database. Gives the names of what there was. `at once` gives nothing time to put itself in
 * order; the next start does that.
 */
export async function endLeftovers(dataDir: string, how: 'in order' | 'at once' = 'in order'): Promise<string[]> {
  const ended: string[] = []
  if (await endAgent(dataDir, { how: how === 'at once' ? 'SIGKILL' : 'SIGTERM' })) ended.push('the host agent')
  if ((await endMachines(dataDir)) > 0) ended.push('machines')
  const configFile = join(dataDir, 'run', 'agent.json')
  if (existsSync(configFile)) {
    const { namespace, fabricDir } = JSON.parse(readFileSync(configFile, 'utf8')) as {
      namespace: string
      fabricDir: string
    }
    await stopFabric({ namespace, runDir: fabricDir })
  }
  const pidFile = join(dataDir, 'postgres', 'cluster', 'postmaster.pid')
  if (await endPostmaster(pidFile, how === 'at once' ? 'SIGQUIT' : 'SIGINT')) ended.push('the database')
  return ended
}

/** Removes what a data directory has elsewhere, before it is deleted. */
export function removeOutliers(dataDir: string): void {
  removeShortDirectory(dataDir, 'fabric')
  removeShortDirectory(dataDir, 'run')
  removeShortDirectory(join(dataDir, 'postgres'), 'socket')
}

/** Processes of machines of a data directory. */
export async function listMachines(dataDir: string): Promise<ProcessIdentity[]> {
  if (process.platform !== 'linux' || !existsSync(dataDir)) return []
  const inside = `${realpathSync(dataDir)}${sep}`
  const all = [...(await listProcessesByDirectory())]
  return all.filter(([directory]) => directory.startsWith(inside)).map(([, identity]) => identity)
}

async function endMachines(dataDir: string): Promise<number> {
  const ours = await listMachines(dataDir)
  for (const machine of ours) await killProcess(machine)
  return ours.length
}

/** Waits until the server has ended. */
async function endPostmaster(pidFile: string, how: 'SIGINT' | 'SIGQUIT'): Promise<boolean> {
  if (!existsSync(pidFile)) return false
  const [pid = '', directory = ''] = readFileSync(pidFile, 'utf8').split('\n')
  // The number may be another program's by now.
  const isServer = (): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory)
    } catch {
      return false
    }
  }
  if (!isServer()) return false
  process.kill(Number(pid), how)
  const deadline = Date.now() + 15_000
  while (isServer() && Date.now() < deadline) await new Promise((wake) => setTimeout(wake, 25))
  return true
}
