/** A cloud with real machines for one test file, started and used as people do: `./pileus up`, official SDKs. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadyBlock } from '@pileus/cloud/config'
import { findMachineObstacle } from '@pileus/dataplane/agent/testing/tiny-image'
import type { ImageName } from '@pileus/dataplane/images/catalog'
import { findFabricObstacle } from '@pileus/dataplane/network/fabric-fixture'
import { createSdkClients, type SdkClients, sdkModel } from '@pileus/testkit/sdk-clients'
import { provideImage } from './images.ts'
import { pileus, pileusOutput } from './launcher.ts'
import { type CloudPlace, listCloudLeftovers, listMachineLeftovers, listNetworkLeftovers } from './leftovers.ts'

/** Why this machine cannot run real machines on a real network; undefined when it can. */
export function findRealCloudObstacle(): string | undefined {
  return findMachineObstacle() ?? findFabricObstacle()
}

export interface CommandOutcome {
  status: string
  exitCode: number
  output: string
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
type Answer = any

export interface RealCloudOptions {
  images?: readonly ImageName[]
  regions?: readonly string[]
  /** Puts the data below a path that is longer than that of a Unix socket may be. */
  longPath?: boolean
}

const packages = { ecs: '@alicloud/ecs20140526', vpc: '@alicloud/vpc20160428' } as const

export class RealCloud implements AsyncDisposable {
  readonly dataDir: string
  readonly namespace = `pe${randomBytes(4).toString('hex')}`
  readonly #home: string
  readonly #options: RealCloudOptions
  #ready: ReadyBlock | undefined
  #clients: SdkClients | undefined
  #isReset = false

  private constructor(home: string, options: RealCloudOptions) {
    this.#home = home
    this.#options = options
    this.dataDir = options.longPath ? join(home, 'a-directory-of-a-customer-who-likes-names'.repeat(3), 'data') : home
  }

  /** Starts a cloud on data of its own. */
  static async start(options: RealCloudOptions = {}): Promise<RealCloud> {
    const home = mkdtempSync(join(tmpdir(), 'pileus-e2e-'))
    chmodSync(home, 0o711)
    const cloud = new RealCloud(home, options)
    mkdirSync(cloud.dataDir, { recursive: true, mode: 0o711 })
    try {
      for (const image of cloud.#images) await provideImage(image, cloud.dataDir)
      await cloud.up()
    } catch (error) {
      await cloud[Symbol.asyncDispose]()
      throw error
    }
    return cloud
  }

  get #images(): readonly ImageName[] {
    return this.#options.images ?? ['micro']
  }

  /** The ready block of the last start. */
  get ready(): ReadyBlock {
    if (!this.#ready) throw new Error('the cloud was not started')
    return this.#ready
  }

  get clients(): SdkClients {
    if (!this.#clients) throw new Error('the cloud was not started')
    return this.#clients
  }

  /** Runs `./pileus up --detach` and gives the line it prints. */
  async up(...more: string[]): Promise<ReadyBlock> {
    const regions = (this.#options.regions ?? ['cn-hangzhou', 'eu-central-1']).join(',')
    const place = ['--data', this.dataDir, '--namespace', this.namespace, '--port', '0', '--regions', regions]
    const images = ['--images', this.#images.join(',')]
    const args = ['up', '--engine', 'qemu', ...place, ...images, '--detach', '--json', ...more]
    this.#ready = JSON.parse(await pileusOutput(args)) as ReadyBlock
    const { endpoint, defaultRegion: regionId, accessKeyId, accessKeySecret } = this.#ready
    this.#clients = createSdkClients({ endpoint, regionId, accessKeyId, accessKeySecret })
    return this.#ready
  }

  /** Runs another command of `./pileus` on this cloud. @throws Error when it fails */
  async pileus(command: string, ...args: string[]): Promise<string> {
    return await pileusOutput([command, '--data', this.dataDir, ...args])
  }

  /** Calls an action through the official SDK, in the default region unless `request` names another. */
  async call(product: 'ecs' | 'vpc', action: string, request: object): Promise<Answer> {
    const Request = sdkModel(packages[product], `${action}Request`)
    const method = `${action[0]?.toLowerCase()}${action.slice(1)}`
    const client = this.clients[product] as unknown as Record<string, (request: object) => Promise<Answer>>
    return (await client[method]?.(new Request({ regionId: this.ready.defaultRegion, ...request })))?.body
  }

  /** Waits until `probe` gives something. @throws Error after `timeoutMs`, with what it gave last */
  async eventually<T>(what: string, probe: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
    const deadline = performance.now() + timeoutMs
    for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
      const found = await probe()
      if (found !== undefined && found !== false) return found
      if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
      await new Promise((wake) => setTimeout(wake, pauseMs))
    }
  }

  async getInstance(instanceId: string): Promise<Answer> {
    const { instances } = await this.call('ecs', 'DescribeInstances', { instanceIds: JSON.stringify([instanceId]) })
    const [instance] = instances.instance
    if (!instance) throw new Error(`there is no instance ${instanceId}`)
    return instance
  }

  /** Waits until the instance has this status. */
  async untilStatus(instanceId: string, status: string): Promise<Answer> {
    return await this.eventually(`${instanceId} ${status}`, async () => {
      const instance = await this.getInstance(instanceId)
      return instance.status === status && instance
    })
  }

  /** Runs a shell script in the guest and waits for its end. */
  async runCommand(instanceId: string, script: string, timeoutMs?: number): Promise<CommandOutcome> {
    return await this.untilInvoked(await this.startCommand(instanceId, script, timeoutMs), timeoutMs)
  }

  /** Starts a shell script in the guest and gives the invocation's id. */
  async startCommand(instanceId: string, script: string, timeoutMs = 120_000): Promise<string> {
    const timeout = Math.ceil(timeoutMs / 1000)
    const request = { type: 'RunShellScript', commandContent: script, instanceId: [instanceId], timeout }
    return (await this.call('ecs', 'RunCommand', request)).invokeId
  }

  /** Waits for an invocation's end. */
  async untilInvoked(invokeId: string, timeoutMs = 60_000): Promise<CommandOutcome> {
    const probe = async (): Promise<CommandOutcome | undefined> => {
      const result = await this.findInvocationResult(invokeId)
      if (!result || ['Pending', 'Running', 'Stopping'].includes(result.invokeRecordStatus)) return undefined
      const output = Buffer.from(result.output ?? '', 'base64').toString()
      return { status: result.invocationStatus, exitCode: result.exitCode, output }
    }
    return await this.eventually(`the end of ${invokeId}`, probe, timeoutMs)
  }

  async findInvocationResult(invokeId: string): Promise<Answer> {
    const { invocation } = await this.call('ecs', 'DescribeInvocationResults', { invokeId })
    return invocation.invocationResults.invocationResult[0]
  }

  /** Standard output of a script that succeeds, without the last line's end. @throws Error when it fails */
  async outputOf(instanceId: string, script: string): Promise<string> {
    const { status, exitCode, output } = await this.runCommand(instanceId, script)
    if (status !== 'Success') throw new Error(`${script}: ${status}, exit code ${exitCode}: ${output}`)
    return output.trimEnd()
  }

  /** Where this cloud keeps what it makes. */
  get place(): CloudPlace {
    return {
      dataDir: this.dataDir,
      namespace: this.namespace,
      fabricDir: this.#directoryOf('fabric'),
      postgresSocketDir: this.#directoryOf('socket', 'postgres'),
    }
  }

  /** Waits until nothing of machines is left: processes, taps, ports, files, rows, reservations. */
  async expectNoMachines(): Promise<void> {
    await this.#untilNone(() => listMachineLeftovers(this.place))
  }

  /** As `expectNoMachines`, and nothing of networks either. */
  async expectNothingLeft(): Promise<void> {
    await this.#untilNone(async () => [
      ...(await listMachineLeftovers(this.place)),
      ...(await listNetworkLeftovers(this.place)),
    ])
  }

  async #untilNone(list: () => Promise<string[]>): Promise<void> {
    const deadline = performance.now() + 30_000
    for (;;) {
      const left = await list()
      if (left.length === 0) return
      if (performance.now() > deadline) throw new Error(`left over:\n${left.join('\n')}`)
      await new Promise((wake) => setTimeout(wake, 100))
    }
  }

  /** Runs `./pileus reset --yes`. @throws Error naming every process, namespace and directory that is left */
  async reset(): Promise<void> {
    const { place } = this
    const outside = [place.fabricDir, place.postgresSocketDir, this.#directoryOf('run')]
    await this.pileus('reset', '--yes')
    this.#isReset = true
    const left = listCloudLeftovers(place, outside)
    if (left.length > 0) throw new Error(`left after reset:\n${left.join('\n')}`)
  }

  /** A directory of sockets, which is elsewhere when the data's path is long. */
  #directoryOf(name: string, below = ''): string {
    const pointer = join(this.dataDir, below, `${name}-directory`)
    return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(this.dataDir, below, name)
  }

  /** Ends the cloud and deletes what it has; with PILEUS_E2E_KEEP set it runs on, for looking into failures. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReset) {
      if (process.env['PILEUS_E2E_KEEP']) return
      await pileus(['down', '--data', this.dataDir])
      await pileus(['reset', '--yes', '--data', this.dataDir])
    }
    rmSync(this.#home, { recursive: true, force: true })
  }
}
