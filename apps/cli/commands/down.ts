import { existsSync } from 'node:fs'
import { endLeftovers } from '@pileus/cloud/leftovers'
import { isAlive } from '@pileus/kernel/process-state'
import { CliError } from '../cli-error.ts'
import { askControlPlane } from '../control-client.ts'
import { dataDirOf } from '../paths.ts'
import { findStarter } from '../start-lock.ts'

/** Stops the cloud of a data directory and waits until it is gone. */
export async function down(options: { data?: string; keepMachines?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  const stopped = await stopCloud(dataDir, options.keepMachines ? 'keep' : 'stop')
  if (stopped) {
    process.stdout.write('stopped\n')
    return
  }
  // A control plane that was killed leaves machines, agent and database running: `down` means them too.
  const ended = options.keepMachines || !existsSync(dataDir) ? [] : await endLeftovers(dataDir)
  process.stdout.write(
    ended.length > 0
      ? `no control plane ran on ${dataDir}; ended what it had left: ${ended.join(', ')}\n`
      : `no cloud runs on ${dataDir}\n`,
  )
}

export async function stopCloud(dataDir: string, machines: 'keep' | 'stop'): Promise<boolean> {
  let pid = (await askControlPlane<{ pid: number }>(dataDir, '/v1/stop', { machines }))?.pid
  if (pid === undefined) {
    // One that is still starting does not listen yet, but heeds signals.
    pid = findStarter(dataDir)
    if (pid === undefined) return false
    process.kill(pid, machines === 'stop' ? 'SIGINT' : 'SIGTERM')
  }
  const deadline = Date.now() + 90_000
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new CliError(`process ${pid} does not stop; its log is ${dataDir}/logs/cloud.log`)
    await new Promise((wake) => setTimeout(wake, 50))
  }
  return true
}
