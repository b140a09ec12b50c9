import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { CliError } from '../cli-error.ts'
import { dataDirOf } from '../paths.ts'
import { stopCloud } from './down.ts'

/** Files one of which every data directory of ours has, and hardly any other directory; names alone are too common. */
const marks = ['keys/root.key', 'logs/cloud.log', 'logs/up.log', 'run/cloud.json', 'run/agent.json', 'run/up.pid']

/** What a cloud keeps in its data directory; `reset` deletes nothing else. */
const ours = [
  'agent',
  'ca',
  'disks',
  'fabric',
  'fabric-directory',
  'images',
  'keys',
  'logs',
  'machines',
  'audit',
  'objects',
  'postgres',
  'ram-snapshots',
  'root-key.json',
  'root-key.json.new',
  'run',
  'run-directory',
  'simulated-machines.json',
]

/** Stops the cloud and deletes what it keeps, after asking. Files of others that lie beside stay. */
export async function reset(options: { data?: string; yes?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  if (!existsSync(dataDir)) {
    process.stdout.write(`there is nothing at ${dataDir}\n`)
    return
  }
  if (readdirSync(dataDir).length > 0 && !marks.some((mark) => existsSync(join(dataDir, mark)))) {
    throw new CliError(`${dataDir} does not look like the data of a cloud; delete it yourself if it is`)
  }
  if (!options.yes && !(await confirmed(dataDir))) throw new CliError('nothing was deleted')
  await stopCloud(dataDir, 'stop')
  const { endLeftovers, removeOutliers } = await import('@pileus/cloud/leftovers')
  await endLeftovers(dataDir)
  removeOutliers(dataDir)
  for (const name of ours) rmSync(join(dataDir, name), { recursive: true, force: true })
  const others = readdirSync(dataDir)
  if (others.length === 0) rmdirSync(dataDir)
  process.stdout.write(
    others.length === 0
      ? `deleted ${dataDir}\n`
      : `deleted the cloud in ${dataDir}; left alone what is not of it: ${others.slice(0, 10).join(', ')}\n`,
  )
}

async function confirmed(dataDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('add --yes to delete without being asked')
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await prompt.question(`Delete everything in ${dataDir}: accounts, machines, disks? Type yes: `)
  prompt.close()
  return answer.trim() === 'yes'
}
