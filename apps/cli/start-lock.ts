import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from './cli-error.ts'

/**
 * Takes the data directory for this process, so that two starts at once do not meet in the database. A lock whose
 * process is gone is taken over.
 */
export function claimDataDir(dataDir: string): { release(): void } {
  mkdirSync(join(dataDir, 'run'), { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'run', 'up.pid')
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 })
      return { release: () => rmSync(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = Number(readFileSync(file, 'utf8'))
      if (isPileus(holder)) {
        throw new CliError(
          `another start on ${dataDir} is under way (process ${holder}); wait for it, or use another --data`,
        )
      }
      rmSync(file, { force: true })
    }
  }
  throw new CliError(`cannot take ${file}`)
}

function isPileus(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return /pileus|node/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
