/** For tests: the host agent as a process of its own, so that it can be killed at any moment. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstUidOf } from '@pileus/dataplane/agent/machine-users'
import { FakeControlPlane } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { listProcessesByDirectory } from '@pileus/dataplane/qemu/process'
import { build } from 'esbuild'
import { afterAll } from 'vitest'
import type { HostAgentConfig } from './config.ts'

let bundle: Promise<string> | undefined
let bundleDir: string | undefined

afterAll(() => {
  if (bundleDir) rmSync(bundleDir, { recursive: true, force: true })
})

/** The agent as one file that plain Node runs. */
function bundleAgent(): Promise<string> {
  bundle ??= (async () => {
    bundleDir = mkdtempSync(join(tmpdir(), 'pileus-agent-bundle-'))
    const outfile = join(bundleDir, 'agent.mjs')
    await build({
      entryPoints: [join(import.meta.dirname, 'main.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile,
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    })
    return outfile
  })()
  return bundle
}

export class AgentUnderTest {
  readonly dataDir: string
  readonly controlPlane: FakeControlPlane
  readonly #socketDir: string
  readonly #changes: Partial<HostAgentConfig>
  #process: ChildProcess | undefined
  #isDisposed = false
  readonly #disposals: (() => void)[] = []
  #exited: Promise<unknown> = Promise.resolve()

  private constructor(dataDir: string, changes: Partial<HostAgentConfig>) {
    this.dataDir = dataDir
    this.#changes = changes
    this.#socketDir = mkdtempSync(join(tmpdir(), 'pileus-control-'))
    this.controlPlane = new FakeControlPlane(join(this.#socketDir, 'control.sock'))
  }

  /** A data directory and a control plane; the agent does not run yet. */
  static async create(changes: Partial<HostAgentConfig> = {}, name = 'pileus-agent-'): Promise<AgentUnderTest> {
    const agent = new AgentUnderTest(mkdtempSync(join(tmpdir(), name)), changes)
    await agent.controlPlane.listen()
    return agent
  }

  get logFile(): string {
    return join(this.dataDir, 'agent.log')
  }

  /** Starts the agent, with more environment if given. */
  async start(environment: Record<string, string> = {}): Promise<void> {
    const configFile = join(this.dataDir, 'config.json')
    const config = {
      dataDir: this.dataDir,
      controlUrl: this.controlPlane.url,
      token: 'secret',
      accelerator: 'tcg',
      graceMs: 1000,
      firstUid: process.getuid?.() === 0 ? firstUidOf(this.dataDir) : null,
      ...this.#changes,
    }
    writeFileSync(configFile, JSON.stringify(config))
    const log = openSync(this.logFile, 'a')
    const child = spawn(process.execPath, [await bundleAgent(), configFile], {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...environment },
    })
    this.#process = child
    this.#exited = new Promise((resolve) => child.once('exit', resolve))
  }

  /** Starts the agent so that it dies at the nth moment, and starts it again once it has. Says whether it did. */
  async startDyingAt(moment: number): Promise<() => boolean> {
    let hasDied = false
    await this.start({ PILEUS_DIE_AT: String(moment) })
    this.#process?.once('exit', (_code, signal) => {
      if (signal !== 'SIGKILL' || this.#isDisposed) return
      hasDied = true
      void this.start()
    })
    return () => hasDied
  }

  /** Gives the agent's process away; the caller ends it. */
  detach(): ChildProcess {
    const child = this.#process
    if (!child) throw new Error('the agent does not run')
    this.#process = undefined
    return child
  }

  /** Waits until the agent has ended by itself. */
  async exited(): Promise<void> {
    await this.#exited
  }

  /** Ends the agent and waits until it is gone; machines run on. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#process?.kill(signal)
    await this.#exited
  }

  readLog(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : ''
  }

  /** Process ids of the machines that run here. */
  async listMachinePids(): Promise<number[]> {
    const processes = await listProcessesByDirectory()
    return [...processes].filter(([path]) => path.startsWith(`${this.dataDir}/`)).map(([, { pid }]) => pid)
  }

  /** Called when the agent has ended, before its data goes. */
  onDispose(action: () => void): void {
    this.#disposals.push(action)
  }

  /** Ends the machines and waits until they are gone. */
  async killMachines(): Promise<void> {
    for (const pid of await this.listMachinePids()) process.kill(pid, 'SIGKILL')
    while ((await this.listMachinePids()).length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    await this.stop('SIGKILL')
    await this.killMachines()
    await this.controlPlane.close()
    for (const action of this.#disposals) action()
    for (const path of [this.dataDir, this.#socketDir]) rmSync(path, { recursive: true, force: true })
  }
}
