/**
 * Physical machines that are not there: agents of one process which speak what real ones speak, in one exchange for
 * all of them. Their machines are kept in a file, so that they outlive the control plane as real ones do.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, systemClock } from '@pileus/kernel/clock'
import { effect } from '@pileus/kernel/effects'
import type {
  ConsoleTail,
  KeptDisk,
  MachineCapacity,
  ObservedMachine,
  SyncRequest,
  SyncResponse,
} from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import { simulatedImages } from './images.ts'
import {
  type MachineRecord,
  type MachineWorld,
  type SimulatedDelays,
  type SimulatedFaults,
  SimulatedMachine,
} from './simulated-machine.ts'

export type SimulatedSyncRequest = SyncRequest & { zoneIds?: readonly string[] }

/** Exchanges the state of many agents; answers those for whom something is new. */
export type SyncMany = (
  requests: readonly SimulatedSyncRequest[],
  signal: AbortSignal,
) => Promise<readonly (SyncResponse & { agentId: string })[]>

export interface SimulatedHostsOptions {
  sync: SyncMany
  /** How many physical machines. */
  machines: number
  /** Every hosted zone. Up to as many machines as zones stand in all of them; more are spread, one zone each. */
  zoneIds: readonly string[]
  /** Where machines are kept; without it they are forgotten. */
  stateFile?: string
  /** Of each physical machine. */
  capacity?: MachineCapacity
  delays?: Partial<SimulatedDelays>
  faults?: SimulatedFaults
  clock?: Clock
  log?: Log
}

export interface SimulatedHosts {
  readonly agentIds: readonly string[]
  /** Resolves when every agent has been in touch once. */
  ready(): Promise<void>
  /** What runs where, as the agents observe it. */
  listMachines(): { agentId: string; machine: ObservedMachine }[]
  /** The agent falls silent and its machines stand still, until `resume`. */
  pause(agentId: string): void
  resume(agentId: string): void
  /** A guest shuts itself down. */
  shutDownByGuest(machineId: string): void
  setFaults(faults: SimulatedFaults): void
  /** Ends the exchanges; machines are kept in the state file. */
  stop(): Promise<void>
  /** Turns every machine off as a power cut would, without the control plane's knowledge. */
  cutPower(): void
}

/** Generous, as over-commitment is: nothing is really used. */
export const simulatedCapacity: MachineCapacity = { vcpus: 4096, memoryMiB: 8 * 1024 * 1024, diskGiB: 1024 * 1024 }

const defaultDelays: SimulatedDelays = { bootMs: 20, shutDownMs: 10, removeMs: 5, commandMs: 5 }
const holdMs = 20_000
/** News within it travels together. */
const settleMs = 4

export function createSimulatedHosts(options: SimulatedHostsOptions): SimulatedHosts {
  const hosts = new Hosts(options)
  hosts.start()
  return hosts
}

interface State {
  cellId: string | undefined
  agents: Record<string, MachineRecord[]>
  /** Kept disks by agent. */
  disks?: Record<string, readonly KeptDisk[]>
}

class Host {
  readonly agentId: string
  readonly machines = new Map<string, SimulatedMachine>()
  paused = false
  wasSeen = false
  /** Disks to keep that no machine has. */
  kept: readonly KeptDisk[] = []
  request: SimulatedSyncRequest
  readonly consoles = new Map<string, ConsoleTail>()

  constructor(agentId: string, request: SimulatedSyncRequest) {
    this.agentId = agentId
    this.request = request
  }

  /** Makes the next request say what is observed now. */
  renew(): void {
    this.request = {
      ...this.request,
      observed: [...this.machines.values()].map((machine) => machine.observed),
      consoles: [...this.consoles.values()],
      diskIds: this.#listDiskIds(),
    }
  }

  #listDiskIds(): string[] {
    const ofMachines = [...this.machines.values()].flatMap((machine) => machine.observed.disks ?? [])
    return [...new Set([...ofMachines, ...this.kept].map((disk) => disk.id))]
  }
}

class Hosts implements SimulatedHosts {
  readonly #options: SimulatedHostsOptions
  readonly #clock: Clock
  readonly #delays: SimulatedDelays
  readonly #hosts = new Map<string, Host>()
  readonly #changed = new Set<Host>()
  readonly #end = new AbortController()
  #faults: SimulatedFaults
  #cellId: string | undefined
  #hold = new AbortController()
  #settleTimer: NodeJS.Timeout | undefined
  #saveTimer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()
  #loop: Promise<void> = Promise.resolve()
  #readyWaiters: (() => void)[] = []

  constructor(options: SimulatedHostsOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#delays = { ...defaultDelays, ...options.delays }
    this.#faults = options.faults ?? (() => undefined)
    const state = this.#load()
    this.#cellId = state.cellId
    for (let i = 0; i < options.machines; i += 1) {
      const host = this.#makeHost(`simulated-${String(i + 1).padStart(5, '0')}`, i)
      for (const record of state.agents[host.agentId] ?? []) {
        host.machines.set(record.desired.id, new SimulatedMachine(this.#worldOf(host), record))
      }
      host.kept = state.disks?.[host.agentId] ?? []
      host.renew()
      this.#hosts.set(host.agentId, host)
    }
  }

  get agentIds(): readonly string[] {
    return [...this.#hosts.keys()]
  }

  start(): void {
    this.#loop = this.#run()
  }

  async ready(): Promise<void> {
    if ([...this.#hosts.values()].every((host) => host.wasSeen || host.paused)) return
    await new Promise<void>((resolve) => this.#readyWaiters.push(resolve))
  }

  listMachines(): { agentId: string; machine: ObservedMachine }[] {
    return [...this.#hosts.values()].flatMap((host) =>
      [...host.machines.values()].map((machine) => ({ agentId: host.agentId, machine: machine.observed })),
    )
  }

  pause(agentId: string): void {
    const host = this.#get(agentId)
    host.paused = true
    for (const machine of host.machines.values()) machine.stop()
    this.#hold.abort()
  }

  resume(agentId: string): void {
    const host = this.#get(agentId)
    host.paused = false
    for (const machine of host.machines.values()) machine.step()
    this.#hold.abort()
  }

  shutDownByGuest(machineId: string): void {
    for (const host of this.#hosts.values()) host.machines.get(machineId)?.shutDownByGuest()
  }

  setFaults(faults: SimulatedFaults): void {
    this.#faults = faults
  }

  cutPower(): void {
    for (const host of this.#hosts.values()) for (const machine of host.machines.values()) machine.cutPower()
  }

  async stop(): Promise<void> {
    this.#end.abort()
    this.#hold.abort()
    await this.#loop
    clearTimeout(this.#settleTimer)
    for (const host of this.#hosts.values()) for (const machine of host.machines.values()) machine.stop()
    clearTimeout(this.#saveTimer)
    await this.#saving
    await this.#save()
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      this.#hold = new AbortController()
      for (const host of this.#changed) host.renew()
      this.#changed.clear()
      const hosts = [...this.#hosts.values()].filter((host) => !host.paused)
      try {
        const answers = await this.#options.sync(
          hosts.map((host) => host.request),
          this.#hold.signal,
        )
        this.#forgetSentConsoles(hosts)
        for (const answer of answers) this.#obey(answer)
        this.#noteSeen(hosts)
        // An exchange that cannot be held, because nothing is there to ask, must not spin.
        if (hosts.length === 0) await pause(20)
      } catch (error) {
        if (this.#end.signal.aborted) return
        this.#options.log?.warn({ err: error }, 'the simulated hosts could not reach the control plane')
        await pause(200)
      }
    }
  }

  #obey(answer: SyncResponse & { agentId: string }): void {
    const host = this.#get(answer.agentId)
    if (this.#cellId !== undefined && this.#cellId !== answer.cellId) {
      throw new Error(`the simulated hosts belong to cell ${this.#cellId} and do not obey ${answer.cellId}`)
    }
    this.#cellId = answer.cellId
    if (host.paused) return
    host.request = { ...host.request, haveRevision: answer.revision }
    if (JSON.stringify(answer.disks ?? []) !== JSON.stringify(host.kept)) {
      host.kept = answer.disks ?? []
      this.#noteChange(host)
    }
    const wanted = new Map(answer.machines.map((machine) => [machine.id, machine]))
    for (const [id, machine] of host.machines) machine.want(wanted.get(id))
    for (const [id, desired] of wanted) {
      if (host.machines.has(id)) continue
      const machine = SimulatedMachine.make(this.#worldOf(host), desired)
      host.machines.set(id, machine)
      machine.step()
      this.#noteChange(host)
    }
    this.#saveSoon()
  }

  #worldOf(host: Host): MachineWorld {
    return {
      agentId: host.agentId,
      clock: this.#clock,
      delays: this.#delays,
      faults: (step, machineId, agentId) => this.#faults(step, machineId, agentId),
      onChange: () => this.#noteChange(host),
      onConsole: (tail) => {
        host.consoles.set(tail.machineId, tail)
        this.#noteChange(host)
      },
      onRemoved: (machineId) => {
        host.machines.delete(machineId)
        host.consoles.delete(machineId)
        this.#noteChange(host)
      },
    }
  }

  #noteChange(host: Host): void {
    this.#changed.add(host)
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = undefined
      this.#hold.abort()
    }, settleMs)
    this.#saveSoon()
  }

  #forgetSentConsoles(hosts: readonly Host[]): void {
    for (const host of hosts) {
      if (host.request.consoles.length === 0) continue
      for (const tail of host.request.consoles) {
        if (host.consoles.get(tail.machineId) === tail) host.consoles.delete(tail.machineId)
      }
      host.request = { ...host.request, consoles: [] }
    }
  }

  #noteSeen(hosts: readonly Host[]): void {
    for (const host of hosts) host.wasSeen = true
    if (![...this.#hosts.values()].every((host) => host.wasSeen || host.paused)) return
    for (const resolve of this.#readyWaiters) resolve()
    this.#readyWaiters = []
  }

  #makeHost(agentId: string, index: number): Host {
    const { machines, zoneIds, capacity } = this.#options
    const spread = machines > zoneIds.length
    return new Host(agentId, {
      agentId,
      engine: 'simulated',
      accelerator: 'none',
      capacity: capacity ?? simulatedCapacity,
      images: simulatedImages,
      zoneIds: spread ? zoneIds.slice(index % zoneIds.length).slice(0, 1) : zoneIds,
      observed: [],
      consoles: [],
      haveRevision: '',
      waitMs: holdMs,
    })
  }

  #get(agentId: string): Host {
    const host = this.#hosts.get(agentId)
    if (!host) throw new Error(`there is no simulated host ${agentId}`)
    return host
  }

  #load(): State {
    const { stateFile } = this.#options
    if (stateFile === undefined || !existsSync(stateFile)) return { cellId: undefined, agents: {} }
    return JSON.parse(readFileSync(stateFile, 'utf8')) as State
  }

  #saveSoon(): void {
    if (this.#options.stateFile === undefined || this.#end.signal.aborted) return
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined
      this.#saving = this.#saving.then(() => this.#save())
    }, 100)
  }

  async #save(): Promise<void> {
    const { stateFile, log } = this.#options
    if (stateFile === undefined) return
    const disks: Record<string, readonly KeptDisk[]> = {}
    const state: State = { cellId: this.#cellId, agents: {}, disks }
    for (const host of this.#hosts.values()) {
      if (host.kept.length > 0) disks[host.agentId] = host.kept
      if (host.machines.size > 0) state.agents[host.agentId] = [...host.machines.values()].map((one) => one.record)
    }
    try {
      await effect('simulated.save', async () => {
        await mkdir(dirname(stateFile), { recursive: true })
        await writeFile(`${stateFile}.new`, JSON.stringify(state), { mode: 0o600 })
        await rename(`${stateFile}.new`, stateFile)
      })
    } catch (error) {
      log?.warn({ err: error }, 'the simulated machines could not be saved')
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
