import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stopFabric } from '@pileus/dataplane/network/host'
import { removeShortDirectory } from '@pileus/kernel/short-directory'

/** Ends what outlives a cloud that was killed, and removes what is elsewhere, before its data directory is deleted. */
export async function removeLeftovers(dataDir: string): Promise<void> {
  const configFile = join(dataDir, 'run', 'agent.json')
  if (existsSync(configFile)) {
    const { namespace, fabricDir } = JSON.parse(readFileSync(configFile, 'utf8')) as {
      namespace: string
      fabricDir: string
    }
    await stopFabric({ namespace, runDir: fabricDir })
  }
  endPostmaster(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))
  removeShortDirectory(dataDir, 'fabric')
  removeShortDirectory(dataDir, 'run')
  removeShortDirectory(join(dataDir, 'postgres'), 'socket')
}

function endPostmaster(pidFile: string): void {
  if (!existsSync(pidFile)) return
  const [pid = '', directory = ''] = readFileSync(pidFile, 'utf8').split('\n')
  try {
    // The number may be another program's by now.
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory)) process.kill(Number(pid), 'SIGQUIT')
  } catch {
    // It is gone already.
  }
}
