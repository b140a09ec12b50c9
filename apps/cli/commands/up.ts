import { type ChildProcess, spawn } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import type { CloudConfig, ReadyBlock } from '@pileus/cloud/config'
import type { Interrupted } from '@pileus/cloud/interrupted'
import { workersFor } from '@pileus/cloud/workers'
import { createLog } from '@pileus/kernel/log'
import { CliError } from '../cli-error.ts'
import { askControlPlane } from '../control-client.ts'
import { exitCodeOf, type Interruption, listenForInterruption } from '../interruption.ts'
import { controlSocket, dataDirOf, ensureDataDir, installDir, readReady, readyFile } from '../paths.ts'
import { createProgress } from '../progress.ts'
import { renderReady } from '../ready-block.ts'
import { collectRegionSecrets, secretLines } from '../region-secrets.ts'
import { claimDataDir } from '../start-lock.ts'
import { forgetObjectStoreKey, parseUpOptions, type UpOptions, type UpPlan } from '../up-options.ts'

/** Least free space to start with: a database that cannot write helps nobody. */
const leastFreeMiB = 256

/** Starts the cloud and, unless detached, stays until it is stopped. */
export async function up(options: UpOptions): Promise<void> {
  const startedMs = performance.now()
  const plan = parseUpOptions(options, process.env)
  const dataDir = dataDirOf(options)
  prepareDataDir(dataDir)
  const running = await askControlPlane<ReadyBlock>(dataDir, '/v1/ready')
  if (running) {
    if (!options.json) {
      process.stderr.write(
        `pileus: a cloud runs on ${dataDir} already (process ${running.pid}), with the options it was started with.\n`,
      )
    }
    printReady(running, { ...options, detach: true })
    return
  }
  const secrets = await collectRegionSecrets(dataDir)
  if (options.detach) {
    printReady(await startDetached(dataDir, secrets), options, startedMs)
    return
  }
  await runHere(dataDir, plan, options, startedMs, secrets)
}

function prepareDataDir(dataDir: string): void {
  try {
    ensureDataDir(dataDir)
    mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    accessSync(join(dataDir, 'logs'), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new CliError(`cannot use ${dataDir}: ${whyUnusable(error)}; choose another directory with --data`)
  }
  const { bavail, bsize } = statfsSync(dataDir)
  const freeMiB = Math.floor((bavail * bsize) / 1024 ** 2)
  if (freeMiB < leastFreeMiB) {
    throw new CliError(
      `the disk of ${dataDir} has ${freeMiB} MiB left, and ${leastFreeMiB} are needed to start; free some, or use --data on another disk`,
    )
  }
}

async function runHere(
  dataDir: string,
  plan: UpPlan,
  options: UpOptions,
  startedMs: number,
  secrets: ReadonlyMap<string, string>,
): Promise<void> {
  const interruption = listenForInterruption()
  const { signal, forced } = interruption
  const lock = claimDataDir(dataDir)
  const progress = createProgress(Boolean(options.json))
  const log = createLog({ name: 'cloud', file: join(dataDir, 'logs', 'cloud.log') })
  try {
    forced.addEventListener('abort', () => void endAtOnce(dataDir, signal.reason))
    signal.addEventListener('abort', () => {
      progress.done()
      process.stderr.write('pileus: stopping; once more ends everything at once\n')
    })
    const config = await configOf(dataDir, plan, (step) => progress.step(step), signal)
    signal.throwIfAborted()
    const { runCloud } = await import('@pileus/cloud/run')
    const cloud = await runCloud(config, {
      log,
      controlSocket: controlSocket(dataDir),
      images: options.images,
      onProgress: (step) => progress.step(step),
      unlockSecrets: { find: (regionId) => secrets.get(regionId) },
      signal,
      forced,
    })
    progress.done()
    keepReady(dataDir, cloud.ready)
    printReady(cloud.ready, options, startedMs)
    await cloud.stopped
  } catch (error) {
    progress.done()
    // Whatever failed, it did so because it was told to end.
    if (signal.aborted) throw signal.reason
    if (error instanceof CliError) throw error
    log.error({ err: error }, 'the cloud cannot start')
    throw new CliError(`${messageOf(error)}\n  (details: ${join(dataDir, 'logs', 'cloud.log')})`)
  } finally {
    rmSync(readyFile(dataDir), { force: true })
    lock.release()
  }
  // Connections of clients that keep them open must not hold the process.
  process.exit(process.exitCode ?? 0)
}

/** For those who do not want to wait: what was started ends without being asked, and so does this process. */
async function endAtOnce(dataDir: string, reason: Interrupted): Promise<void> {
  process.stderr.write('pileus: ending everything at once\n')
  const { endLeftovers } = await import('@pileus/cloud/leftovers')
  await endLeftovers(dataDir, 'at once').catch((error: Error) =>
    process.stderr.write(`pileus: ${error.message}; \`./pileus down\` ends what is left\n`),
  )
  process.exit(exitCodeOf(reason))
}

function messageOf(error: unknown): string {
  const code = (error as { code?: string }).code
  if (code === 'ENOSPC') return 'the disk is full; free some space and start again, nothing is lost'
  return error instanceof Error ? error.message : String(error)
}

async function configOf(
  dataDir: string,
  { engine: asked, workers, objectStore, ...rest }: UpPlan,
  onProgress: (step: string) => void,
  signal: AbortSignal,
): Promise<CloudConfig> {
  const { chooseEngine } = await import('../engine-choice.ts')
  const { engine, reason } = await chooseEngine(asked, onProgress, signal)
  const root = process.getuid?.() === 0
  const users = root ? await import('@pileus/cloud/system-users') : undefined
  // No child process has the key.
  if (objectStore !== undefined) forgetObjectStoreKey(process.env)
  return {
    ...rest,
    dataDir,
    installDir: installDir(),
    engine,
    engineReason: reason,
    databaseUser: await users?.ensureSystemUser('pileus'),
    hasMachineUsers: root && engine === 'qemu',
    simulatedMachines: 1,
    workers: workersFor(workers),
    ...(objectStore === undefined ? {} : { objectStore }),
  }
}

/** Keeps the ready block and the root key for other commands and programs of this user. */
function keepReady(dataDir: string, ready: ReadyBlock): void {
  const { accountId, accessKeyId, accessKeySecret } = ready
  for (const [file, content] of [
    [readyFile(dataDir), ready],
    [join(dataDir, 'root-key.json'), { accountId, accessKeyId, accessKeySecret }],
  ] as const) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const fresh = `${file}.new`
    rmSync(fresh, { force: true })
    writeFileSync(fresh, `${JSON.stringify(content)}\n`, { mode: 0o600 })
    renameSync(fresh, file)
  }
}

function printReady(ready: ReadyBlock, options: UpOptions, startedMs?: number): void {
  const took = startedMs === undefined ? undefined : performance.now() - startedMs
  process.stdout.write(
    options.json
      ? `${JSON.stringify(ready)}\n`
      : renderReady(ready, { startedMs: took, isForeground: !options.detach }),
  )
}

/** What is asked of this process is meant for the one that it waits for. */
function passOnInterruption(child: ChildProcess): Interruption {
  const interruption = listenForInterruption()
  const passOn = (): void => void child.kill((interruption.signal.reason as Interrupted).signalName)
  interruption.signal.addEventListener('abort', passOn)
  interruption.forced.addEventListener('abort', passOn)
  return interruption
}

function whyUnusable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'it belongs to another user'
    case 'EROFS':
      return 'its disk is read-only'
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a directory'
    default:
      return message
  }
}

/** Starts this same command without `--detach` as a process of its own and waits until it answers. */
async function startDetached(dataDir: string, secrets: ReadonlyMap<string, string>): Promise<ReadyBlock> {
  const args = process.argv.slice(2).filter((arg) => arg !== '--detach' && arg !== '--json')
  const outputFile = join(dataDir, 'logs', 'up.log')
  const output = openSync(outputFile, 'w', 0o600)
  const child = spawn(process.execPath, [join(installDir(), 'pileus'), ...args, '--json'], {
    detached: true,
    // Its ready block holds the root key, which is not for a log.
    // Secrets travel through a pipe: an environment can be read as long as the process lives.
    stdio: ['ignore', 'ignore', output, ...(secrets.size > 0 ? (['pipe'] as const) : [])],
    env: { ...process.env, ...(secrets.size > 0 ? { PILEUS_REGION_SECRETS_FD: '3' } : {}) },
  })
  const pipe = child.stdio[3] as Writable | undefined
  pipe?.on('error', () => {})
  pipe?.end(secretLines(secrets))
  child.unref()
  closeSync(output)
  let ended: number | null | undefined
  child.on('exit', (code) => {
    ended = code
  })
  const progress = createProgress(false)
  const { signal } = passOnInterruption(child)
  let shown = 0
  for (;;) {
    const ready = await askControlPlane<ReadyBlock>(dataDir, '/v1/ready').catch(() => undefined)
    const lines = readFileSync(outputFile, 'utf8').split('\n').filter(Boolean)
    const news = lines.slice(shown).filter((line) => line.startsWith('pileus: '))
    shown = lines.length
    // It answers before it is ready; what it keeps for other commands comes last.
    if (ready && readReady<ReadyBlock>(dataDir)?.pid === ready.pid) {
      progress.done()
      return ready
    }
    if (ended !== undefined) {
      progress.done()
      if (signal.aborted) throw signal.reason
      throw new CliError(
        lines
          .filter((line) => !line.endsWith('…'))
          .join('\n')
          .replace(/^pileus: /, '') || `the cloud ended with ${ended}`,
      )
    }
    for (const line of news) progress.step(line.slice(8).replace(/ …$/, ''))
    await new Promise((wake) => setTimeout(wake, 25))
  }
}
