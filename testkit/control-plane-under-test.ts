/** A control plane in a process of its own, which can be killed at any moment; its database and its hosts live on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadyBlock } from '@pileus/cloud/config'
import { createSimulatedHosts, type SimulatedHosts, type SyncMany } from '@pileus/dataplane/simulated/simulated-hosts'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { silentLog } from '@pileus/kernel/log'
import { openStore, type Store } from '@pileus/kernel/store/store'
import { build } from 'esbuild'
import type { ProgramConfig } from './control-plane-program.ts'
import { callRpc, type RpcAnswer } from './rpc-client.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

/** Builds the program and that of its workers so that plain Node runs them, in a directory that the caller removes. */
export async function bundleControlPlane(directory: string): Promise<string> {
  // Bundled code looks above itself for the contract's data and for packages with native parts.
  for (const name of ['contract', 'node_modules']) symlinkSync(join(process.cwd(), name), join(directory, name))
  await build({
    entryPoints: {
      'control-plane': join(import.meta.dirname, 'control-plane-program.ts'),
      'cloud-worker': join(import.meta.dirname, '../apps/cloud/worker-program.ts'),
    },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['pg-native', '@node-rs/*'],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  return join(directory, 'control-plane.mjs')
}

/** Longest that a call is repeated while the control plane is away. */
const insistMs = 30_000

export class ControlPlaneUnderTest implements AsyncDisposable {
  readonly store: Store
  readonly hosts: SimulatedHosts
  /** How often it was killed, or killed itself. */
  deaths = 0
  readonly #database: TestDatabase
  readonly #directory: string
  readonly #program: string
  readonly #config: ProgramConfig
  #process: ChildProcess | undefined
  #exited: Promise<void> = Promise.resolve()
  #ready: ReadyBlock | undefined
  #isDisposed = false
  #failure: Error | undefined

  private constructor(program: string, directory: string, database: TestDatabase, machines: number, workers: number) {
    this.#program = program
    this.#directory = directory
    this.#database = database
    const regionIds = ['cn-hangzhou']
    const cloud: ProgramConfig['cloud'] = {
      dataDir: directory,
      installDir: process.cwd(),
      engine: 'simulated',
      engineReason: 'a test asked for it',
      listenHost: '127.0.0.1',
      httpPort: 0,
      httpsPort: 0,
      databaseUrl: database.url,
      databaseUser: undefined,
      hasMachineUsers: false,
      namespace: 'none',
      // None of its own.
      simulatedMachines: 0,
      outboundAllow: [],
      workers,
    }
    this.#config = { cloud, regionIds, controlSocket: join(directory, 'control.sock') }
    writeFileSync(join(directory, 'config.json'), JSON.stringify(this.#config))
    this.store = openStore({ connection: { connectionString: database.url }, maxConnections: 2, log: silentLog })
    this.hosts = createSimulatedHosts({
      machines,
      zoneIds: hostRegions(regionIds).regions.flatMap((region) => region.zones.map((zone) => zone.id)),
      sync: (requests, signal) => this.#post('/v1/sync-many', requests, signal) as ReturnType<SyncMany>,
    })
  }

  /** Prepares database and hosts; the control plane does not run yet. */
  static async create(
    program: string,
    options: { machines?: number; workers?: number; database?: 'empty' | 'migrated' } = {},
  ): Promise<ControlPlaneUnderTest> {
    const database = await createTestDatabase(options.database ?? 'migrated')
    const directory = mkdtempSync(join(tmpdir(), 'pileus-killed-'))
    return new ControlPlaneUnderTest(program, directory, database, options.machines ?? 3, options.workers ?? 0)
  }

  /**
   * Starts it; with `dieAt`, it ends at that moment, and stays away. Says whether it came up.
   * @throws Error with its log when it ended in another way
   */
  async start(dieAt = 0): Promise<'up' | 'died'> {
    this.#ready = undefined
    const output = openSync(join(this.#directory, 'log'), 'a')
    const child = spawn(process.execPath, [this.#program, join(this.#directory, 'config.json')], {
      stdio: ['ignore', output, output],
      env: { ...process.env, PILEUS_DIE_AT: String(dieAt) },
    })
    this.#process = child
    let end: NodeJS.Signals | number | undefined
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        end = signal ?? code ?? 0
        this.#ready = undefined
        if (end === 'SIGKILL') this.deaths += 1
        resolve()
      })
    })
    while (end === undefined) {
      try {
        this.#ready = (await this.#post('/v1/ready', {})) as ReadyBlock
        return 'up'
      } catch {
        await pause(10)
      }
    }
    if (end !== 'SIGKILL') throw new Error(`the control plane ended with ${end}:\n${this.readLog()}`)
    return 'died'
  }

  /** From now on it comes back whenever it is killed. */
  keepRunning(): void {
    void this.#exited
      .then(async () => {
        if (this.#isDisposed) return
        await this.start()
        this.keepRunning()
      })
      .catch((error) => {
        this.#failure = error
      })
  }

  /** It ends itself at the nth moment from now. */
  async dieAt(moment: number): Promise<void> {
    await this.#post('/v1/die-at', { moment })
  }

  /** What it said when it came up last. @throws Error while it is away */
  get ready(): ReadyBlock {
    if (!this.#ready) throw new Error('the control plane is away')
    return this.#ready
  }

  /** Processes besides it that answer requests now. */
  async workerPids(): Promise<number[]> {
    return (await this.#post('/v1/worker-pids', {})) as number[]
  }

  kill(): void {
    this.#process?.kill('SIGKILL')
  }

  async killAndWait(): Promise<void> {
    this.kill()
    await this.#exited
  }

  /** The end of it. */
  readLog(): string {
    return readFileSync(join(this.#directory, 'log'), 'utf8').slice(-4_000)
  }

  /** One call as the root account; repeated, as clients do, while the control plane is away. */
  async insist(product: string, action: string, parameters: Record<string, string> = {}): Promise<RpcAnswer> {
    const deadline = performance.now() + insistMs
    for (;;) {
      if (this.#failure) throw this.#failure
      const ready = this.#ready
      try {
        if (ready) {
          const answer = await callRpc(ready.endpoint, ready, product, action, parameters)
          if (answer.status < 500) return answer
          if (answer.status !== 503) this.#failure = new Error(`${action}: ${answer.status}\n${this.readLog()}`)
        }
      } catch {
        // It died while it answered; whether it did what it was asked is not known.
      }
      if (performance.now() > deadline) throw new Error(`${action} was not answered:\n${this.readLog()}`)
      await pause(10)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    await this.hosts.stop()
    this.kill()
    await this.#exited
    await this.store.close()
    await this.#database.drop()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath: this.#config.controlSocket, path, method: 'POST', agent: false, ...(signal ? { signal } : {}) },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.once('error', reject)
          incoming.once('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            if (incoming.statusCode === 200) resolve(JSON.parse(text))
            else reject(new Error(`${path}: ${incoming.statusCode} ${text}`))
          })
        },
      )
      outgoing.once('error', reject)
      outgoing.end(JSON.stringify(body))
    })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
