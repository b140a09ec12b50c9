import { existsSync, readdirSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { CliError } from '../cli-error.ts'
import { dataDirOf } from '../paths.ts'
import { stopCloud } from './down.ts'

/** Names that only a data directory of ours has; `reset` deletes nothing else. */
const marks = ['postgres', 'ca', 'keys', 'run']

/** Stops the cloud and deletes its data directory, after asking. */
export async function reset(options: { data?: string; yes?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  if (!existsSync(dataDir)) {
    process.stdout.write(`there is nothing at ${dataDir}\n`)
    return
  }
  const entries = readdirSync(dataDir)
  if (entries.length > 0 && !marks.some((mark) => entries.includes(mark))) {
    throw new CliError(`${dataDir} does not look like the data of a cloud; delete it yourself if it is`)
  }
  if (!options.yes && !(await confirmed(dataDir))) throw new CliError('nothing was deleted')
  await stopCloud(dataDir, 'stop')
  const { endLeftovers, removeOutliers } = await import('@pileus/cloud/leftovers')
  await endLeftovers(dataDir)
  removeOutliers(dataDir)
  rmSync(dataDir, { recursive: true, force: true })
  process.stdout.write(`deleted ${dataDir}\n`)
}

async function confirmed(dataDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('add --yes to delete without being asked')
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await prompt.question(`Delete everything in ${dataDir}: accounts, machines, disks? Type yes: `)
  prompt.close()
  return answer.trim() === 'yes'
}
