/**
 * The host agent: pulls what is desired of this host, keeps every machine so, and says what it sees.
 *
 * The last answer of the control plane stays on disk: the agent goes on enforcing it when the control plane is away, and
 * after its own restart. Before it has ever had an answer it touches nothing.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withoutSecrets } from '@pileus/kernel/fabric/disk-secrets'
import type {
  AvailableImage,
  DesiredMachine,
  KeptDisk,
  SyncRequest,
  SyncResponse,
} from '@pileus/kernel/fabric/machines'
import { withoutCredentials } from '@pileus/kernel/fabric/role-credentials'
import { diskOf, volumeOf } from '../disks/volumes.ts'
import { listProcessesByDirectory, type ProcessIdentity } from '../qemu/process.ts'
import { type CapacityPolicy, readCapacity } from './capacity.ts'
import { ControlPlane, parseSyncResponse } from './control-plane.ts'
import { Machine } from './machine.ts'
import type { MachineHost } from './machine-host.ts'
import { findMachineRecord, listRecordedMachines, machinesDirOf } from './machine-record.ts'
import type { MachineUsers } from './machine-users.ts'
import { findStateFile, writeStateFile } from './state-file.ts'

const holdMs = 25_000
const firstRetryMs = 200
const lastRetryMs = 10_000
/** A held request is dropped for news only after this; longer each time, so that an answer always gets through. */
const firstPatienceMs = 20
const lastPatienceMs = 2000

export interface AgentOptions {
  host: Omit<MachineHost, 'onNews'>
  controlUrl: string
  token: string
  capacity: CapacityPolicy
  listImages: () => Promise<AvailableImage[]>
  /** Told of every desired state, before the machines are. */
  onDesired: (machines: DesiredMachine[]) => void
}

interface Identity {
  agentId: string
  /** The only control plane this agent obeys; absent until the first contact. */
  cellId?: string
}

export class HostAgent {
  readonly #options: AgentOptions
  readonly #host: MachineHost
  readonly #controlPlane: ControlPlane
  readonly #machines = new Map<string, Machine>()
  readonly #stop = new AbortController()
  #identity: Identity = { agentId: '' }
  #desired = new Map<string, DesiredMachine>()
  /** Disks to keep that no machine has; undefined while nobody has said which. */
  #kept: readonly KeptDisk[] | undefined
  #isAdopted = false
  #images: AvailableImage[] = []
  #revision = ''
  #applying: Promise<void> = Promise.resolve()
  #news = 0
  #onNews: (() => void) | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: AgentOptions) {
    this.#options = options
    this.#host = { ...options.host, onNews: () => this.#noteNews() }
    this.#controlPlane = new ControlPlane({ url: options.controlUrl, token: options.token })
  }

  /** Takes up what an earlier agent left and begins to keep it. */
  async start(): Promise<void> {
    const { dataDir, users, disks } = this.#host
    await mkdir(this.#stateDir, { recursive: true, mode: 0o700 })
    await mkdir(machinesDirOf(dataDir), { recursive: true })
    await chmod(machinesDirOf(dataDir), 0o711)
    await disks.open()
    // QEMU, under another user, walks from its own directory through this one to disks and images.
    if (users) await chmod(dataDir, ((await stat(dataDir)).mode & 0o7777) | 0o011)
    if (users) await this.#claimUsers(users)
    await this.#openIdentity()
    const kept = await findStateFile(this.#desiredFile)
    if (kept !== undefined) await this.#apply(parseSyncResponse(kept))
    this.#running = this.#run()
  }

  /** Stops; machines run on. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#applying
    this.#controlPlane.close()
    await Promise.all([...this.#machines.values()].map((machine) => machine.close()))
  }

  /** Before any machine that is new can get the uid of one that is known. */
  async #claimUsers(users: MachineUsers): Promise<void> {
    const { dataDir } = this.#host
    for (const id of await listRecordedMachines(dataDir)) {
      const record = await findMachineRecord(join(machinesDirOf(dataDir), id), id)
      if (record?.uid !== undefined) users.claim(id, record.uid)
    }
  }

  get #stateDir(): string {
    return join(this.#host.dataDir, 'agent')
  }

  get #desiredFile(): string {
    return join(this.#stateDir, 'desired.json')
  }

  async #openIdentity(): Promise<void> {
    const file = join(this.#stateDir, 'agent.json')
    const known = (await findStateFile(file)) as Identity | undefined
    this.#identity = known ?? { agentId: randomUUID() }
    if (!known) await writeStateFile('agent.identity', file, this.#identity)
  }

  async #run(): Promise<void> {
    let retryMs = firstRetryMs
    let patienceMs = firstPatienceMs
    while (!this.#stop.signal.aborted) {
      try {
        const isAnswered = await this.#exchange(patienceMs)
        patienceMs = isAnswered ? firstPatienceMs : Math.min(patienceMs * 2, lastPatienceMs)
        retryMs = firstRetryMs
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#host.log.warn({ err: error, retryMs }, 'no exchange with the control plane')
        await sleep(retryMs, undefined, { signal: this.#stop.signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, lastRetryMs)
      }
    }
  }

  /** One exchange; false when news cut it short. */
  async #exchange(patienceMs: number): Promise<boolean> {
    const newsBefore = this.#news
    const { body, sent } = await this.#compose()
    const cut = new AbortController()
    const stop = AbortSignal.any([cut.signal, this.#stop.signal])
    const watching = this.#cutWhenNews(newsBefore, patienceMs, cut)
    try {
      const answer = await this.#controlPlane.sync(body, stop)
      sent()
      await this.#obey(answer)
      return true
    } catch (error) {
      if (cut.signal.aborted && !this.#stop.signal.aborted) return false
      throw error
    } finally {
      watching()
    }
  }

  async #compose(): Promise<{ body: SyncRequest; sent: () => void }> {
    const machines = [...this.#machines.values()]
    const consoles = machines.flatMap((machine) => machine.findConsoleNews() ?? [])
    const body: SyncRequest = {
      agentId: this.#identity.agentId,
      engine: 'qemu',
      accelerator: this.#host.accelerator,
      capacity: await readCapacity(this.#host.dataDir, this.#options.capacity),
      images: await this.#listImages(),
      observed: machines.map((machine) => machine.observe()),
      consoles: consoles.map((console) => console.tail),
      diskIds: await this.#sweepDisks(),
      haveRevision: this.#revision,
      waitMs: holdMs,
    }
    return { body, sent: () => consoles.forEach((console) => void console.sent()) }
  }

  /**
   * Removes the volumes that nobody wants and no machine has any more, and lists the disks of the others. The revision
   * that the same request tells may be older than what is removed here, never newer.
   */
  async #sweepDisks(): Promise<string[]> {
    const { disks, log } = this.#host
    const machines = [...this.#desired.values()].flatMap((machine) => machine.disks)
    const wanted = new Set([...machines, ...(this.#kept ?? [])].map(volumeOf))
    const left: string[] = []
    for (const volume of await disks.list()) {
      const isWanted = !this.#isAdopted || !this.#kept || wanted.has(volume) || disks.holders.isHeld(volume)
      try {
        if (isWanted) left.push(volume)
        else await disks.remove(volume)
      } catch (error) {
        left.push(volume)
        log.warn({ volume, err: error }, 'a disk cannot be removed')
      }
    }
    return [...new Set(left.map((volume) => diskOf(volume).id))]
  }

  /** An image that cannot be read keeps the list as it was. */
  async #listImages(): Promise<AvailableImage[]> {
    try {
      this.#images = await this.#options.listImages()
    } catch (error) {
      this.#host.log.warn({ err: error }, 'the images cannot be listed')
    }
    return this.#images
  }

  #cutWhenNews(newsBefore: number, patienceMs: number, cut: AbortController): () => void {
    let isPatient = true
    const consider = () => {
      if (!isPatient && this.#news !== newsBefore) cut.abort()
    }
    const timer = setTimeout(() => {
      isPatient = false
      consider()
    }, patienceMs)
    this.#onNews = consider
    return () => {
      clearTimeout(timer)
      this.#onNews = undefined
    }
  }

  #noteNews(): void {
    this.#news += 1
    this.#onNews?.()
  }

  /** Makes the answer the desired state, unless it comes from another control plane. */
  async #obey(answer: SyncResponse): Promise<void> {
    const { cellId, agentId } = this.#identity
    if (cellId !== undefined && cellId !== answer.cellId) {
      throw new Error(`this host belongs to cell ${cellId}; cell ${answer.cellId} is not obeyed`)
    }
    if (cellId === undefined) {
      this.#identity = { agentId, cellId: answer.cellId }
      await writeStateFile('agent.identity', join(this.#stateDir, 'agent.json'), this.#identity)
    }
    if (answer.revision === this.#revision) return
    const kept = { ...answer, machines: answer.machines.map(withoutSecrets).map(withoutCredentials) }
    await writeStateFile('agent.desired', this.#desiredFile, kept)
    await this.#apply(answer)
    this.#revision = answer.revision
  }

  async #apply(answer: SyncResponse): Promise<void> {
    const applied = this.#applying.then(() => this.#applyNow(answer))
    this.#applying = applied.catch(() => {})
    await applied
  }

  async #applyNow({ machines, disks }: SyncResponse): Promise<void> {
    this.#kept = disks
    this.#desired = new Map(machines.map((machine) => [machine.id, machine]))
    this.#options.onDesired(machines)
    if (!this.#isAdopted) await this.#adopt()
    for (const [id, machine] of this.#machines) machine.setDesired(this.#desired.get(id))
    for (const id of this.#desired.keys()) if (!this.#machines.has(id)) await this.#openOrLog(id)
  }

  /** Takes over every machine that an earlier agent left something of, desired or not. */
  async #adopt(): Promise<void> {
    const processes = await listProcessesByDirectory()
    for (const id of await listRecordedMachines(this.#host.dataDir)) await this.#openOrLog(id, processes)
    this.#isAdopted = true
  }

  /** One machine that cannot be opened does not keep the others from being kept. */
  async #openOrLog(id: string, processes?: ReadonlyMap<string, ProcessIdentity>): Promise<void> {
    try {
      await this.#open(id, processes ?? (await this.#listProcessesFor(id)))
    } catch (error) {
      this.#host.log.error({ machineId: id, err: error }, 'what is left of a machine cannot be read')
    }
  }

  /** A QEMU runs in its machine's directory: without one there is none, and a new machine need not wait for a search. */
  async #listProcessesFor(id: string): Promise<ReadonlyMap<string, ProcessIdentity>> {
    const isNew = !existsSync(join(machinesDirOf(this.#host.dataDir), id))
    return isNew ? new Map() : await listProcessesByDirectory()
  }

  async #open(id: string, processes: ReadonlyMap<string, ProcessIdentity>): Promise<void> {
    const machine = new Machine(this.#host, id)
    await machine.open(processes)
    this.#machines.set(id, machine)
    machine.start(this.#desired.get(id))
    void machine.done.then((end) => (end === 'gone' ? this.#gone(id, machine) : undefined))
  }

  /** Forgets a machine that is gone, and begins anew if it was desired again while it went. */
  #gone(id: string, machine: Machine): void {
    if (this.#machines.get(id) !== machine) return
    this.#machines.delete(id)
    this.#host.users?.release(id)
    this.#noteNews()
    if (!this.#desired.has(id) || this.#stop.signal.aborted) return
    this.#applying = this.#applying.then(() => (this.#machines.has(id) ? undefined : this.#openOrLog(id)))
  }
}
