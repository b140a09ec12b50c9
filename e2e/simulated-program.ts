/** A simulated cloud as a program of its own, for clients in other languages. */
import { mkdtempSync, rmSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadyBlock } from '@pileus/cloud/config'
import { environmentOf, pileus, pileusOutput } from './launcher.ts'

export interface SimulatedProgram extends AsyncDisposable {
  ready: ReadyBlock
  dataDir: string
  /** What a shell has after `eval "$(./pileus env)"`. */
  env: NodeJS.ProcessEnv
}

/** Runs `./pileus up --engine simulated` on data of its own. */
export async function startSimulatedProgram(regions: readonly string[]): Promise<SimulatedProgram> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pileus-e2e-'))
  await chmod(dataDir, 0o711)
  const dispose = async (): Promise<void> => {
    await pileus(['reset', '--yes', '--data', dataDir])
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const args = ['up', '--engine', 'simulated', '--data', dataDir, '--port', '0', '--regions', regions.join(',')]
    const ready = JSON.parse(await pileusOutput([...args, '--detach', '--json'])) as ReadyBlock
    return { ready, dataDir, env: await environmentOf(dataDir), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
