/** For tests: a control plane that holds one desired state and remembers what agents report. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type {
  DesiredMachine,
  KeptDisk,
  ObservedMachine,
  SyncRequest,
  SyncResponse,
} from '@pileus/kernel/fabric/machines'

export class FakeControlPlane {
  readonly #server: Server
  readonly #held = new Set<() => void>()
  readonly socketPath: string
  cellId = 'cell-one'
  machines: DesiredMachine[] = []
  /** Disks to keep besides those of the machines. */
  disks: KeptDisk[] = []
  #revision = 1
  /** The last report; undefined before the first. */
  last: SyncRequest | undefined
  readonly consoles = new Map<string, string>()
  /** Whether it refuses all requests, and how many it has refused. */
  isAway = false
  refusals = 0
  readonly tokens = new Set<string>()

  constructor(socketPath: string) {
    this.socketPath = socketPath
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.socketPath, resolve))
  }

  get url(): string {
    return `http+unix://${this.socketPath}`
  }

  /** Replaces what is desired. */
  desire(...machines: DesiredMachine[]): void {
    this.machines = machines
    this.#revision += 1
    for (const release of this.#held) release()
  }

  find(id: string): ObservedMachine | undefined {
    return this.last?.observed.find((machine) => machine.id === id)
  }

  /** Waits for a report that satisfies `accept`. @throws Error with the last report when none comes in time */
  async until<T>(what: string, accept: () => T | undefined | false, timeoutMs = 30_000): Promise<T> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const value = accept()
      if (value !== undefined && value !== false) return value
      if (Date.now() > deadline)
        throw new Error(`not within ${timeoutMs} ms: ${what}; ${JSON.stringify(this.last?.observed)}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    if (this.isAway) {
      this.refusals += 1
      response.writeHead(503).end()
      return
    }
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as SyncRequest
    this.tokens.add(request.headers.authorization ?? '')
    this.last = body
    for (const { machineId, text } of body.consoles) {
      this.consoles.set(machineId, Buffer.from(text, 'base64').toString('utf8'))
    }
    if (body.haveRevision === String(this.#revision)) await this.#hold(response, body.waitMs)
    const { cellId, machines, disks } = this
    const answer: SyncResponse = { revision: String(this.#revision), cellId, machines, disks }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  async #hold(response: ServerResponse, waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const release = () => {
        clearTimeout(timer)
        this.#held.delete(release)
        resolve()
      }
      const timer = setTimeout(release, waitMs)
      this.#held.add(release)
      response.once('close', release)
    })
  }
}

/** A desired machine with one system disk and no NIC. */
export function desiredMachine(id: string, imageId: string, changes: Partial<DesiredMachine> = {}): DesiredMachine {
  return {
    id,
    generation: 1,
    power: 'on',
    bootGeneration: 1,
    force: true,
    vcpus: 1,
    memoryMiB: 192,
    disks: [{ id: `d-${id}`, role: 'system', sizeGiB: 1, source: { kind: 'image', imageId } }],
    nics: [],
    commands: [],
    metadata: {
      instanceId: id,
      hostname: id,
      regionId: 'cn-hangzhou',
      zoneId: 'cn-hangzhou-b',
      imageId,
      instanceType: 'ecs.t5-lc2m1.nano',
      ownerAccountId: '1234567890123456',
      serialNumber: '2f0c1c8e-4a4b-4f1e-9d61-0c9f6f1f9a11',
      privateIpv4: '10.0.0.5',
      mac: '00:16:3e:00:00:05',
      vpcId: 'vpc-1',
      vpcCidr: '10.0.0.0/8',
      vswitchId: 'vsw-1',
      vswitchCidr: '10.0.0.0/24',
      networkInterfaces: [],
      userData: '',
      publicKeys: [],
      httpTokens: 'optional',
      httpEndpoint: 'enabled',
    },
    ...changes,
  }
}
