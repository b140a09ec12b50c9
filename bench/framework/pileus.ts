import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadyBlock } from '@pileus/cloud/config'
import { type Program, programFile, start } from './programs.ts'

export interface StartedPileus extends AsyncDisposable {
  ready: ReadyBlock
  /** Port of the plain listener. */
  port: number
  program: Program
}

/** `up` on the simulated engine and free ports, as users start it, from this run's own build. */
export async function startPileus(
  options: { dataDir?: string; command?: string[]; more?: readonly string[] } = {},
): Promise<StartedPileus> {
  const dataDir = options.dataDir ?? makeDataDir()
  const [command, ...before] = options.command ?? [process.execPath, programFile('cli')]
  const args = ['up', '--engine', 'simulated', '--data', dataDir, '--port', '0', '--https-port', '0', '--json']
  const program = start(command!, [...before, ...args, ...(options.more ?? [])])
  const stop = async (): Promise<void> => {
    await program.stop()
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const ready = JSON.parse(await program.nextLine()) as ReadyBlock
    return { ready, port: Number(ready.endpoint.split(':').at(-1)), program, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Root's database runs as another user, who must be able to pass through. */
export function makeDataDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pileus-bench-'))
  chmodSync(directory, 0o711)
  return directory
}
