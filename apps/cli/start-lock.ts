import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from './cli-error.ts'

/** How long a taken-over lock is watched: another start may have judged the old one just before. */
const watchMs = 100

/**
 * Takes the data directory for this process, so that two starts at once do not meet in the database. A lock whose
 * process is gone is taken over.
 */
export function claimDataDir(dataDir: string): { release(): void } {
  mkdirSync(join(dataDir, 'run'), { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'run', 'up.pid')
  const own = describeProcess(process.pid)
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const holder = putLock(file, own)
    if (holder === undefined) {
      if (attempt > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, watchMs)
      if (readLock(file) === own) return { release: () => removeLock(file, own) }
      continue
    }
    if (isHeld(holder)) {
      throw new CliError(
        `another start on ${dataDir} is under way (process ${holder.split(' ')[0]}); wait for it, or use another --data`,
      )
    }
    removeLock(file, holder)
  }
  throw new CliError(`cannot take ${file}`)
}

/** The process that starts or runs a cloud in the data directory, if there is one. */
export function findStarter(dataDir: string): number | undefined {
  const holder = readLock(join(dataDir, 'run', 'up.pid'))
  return holder !== undefined && isHeld(holder) ? Number(holder.split(' ')[0]) : undefined
}

/** Puts the lock there whole, or gives what the one that is there says. */
function putLock(file: string, content: string): string | undefined {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  try {
    linkSync(draft, file)
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readLock(file) ?? ''
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Removes the lock if it still says `content`: another process may have taken it since it was read. */
function removeLock(file: string, content: string): void {
  const aside = `${file}.${process.pid}.old`
  try {
    renameSync(file, aside)
    if (readLock(aside) !== content) linkSync(aside, file)
  } catch (error) {
    // Gone already, or there is a new one.
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A process that is gone holds nothing, even when another one has its number now. */
function isHeld(content: string): boolean {
  const [pid = '', started] = content.split(' ')
  if (!/^[1-9]\d*$/.test(pid) || started === undefined) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return describeProcess(Number(pid)) === content
}

/** Number and start time of a process; where the system does not tell the time, the number alone. */
function describeProcess(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name, which may hold anything, in parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A process that has ended stays listed until its parent has asked after it; some never do.
    return fields[0] === 'Z' || fields[0] === 'X' ? `${pid} ended` : `${pid} ${fields[19]}`
  } catch {
    return `${pid} -`
  }
}
