/** One machine that exists in memory only. It takes the time that a real one would, and says that it is simulated. */
import type { Clock } from '@pileus/kernel/clock'
import { withoutSecrets } from '@pileus/kernel/fabric/disk-secrets'
import type {
  ConsoleTail,
  DesiredCommand,
  DesiredMachine,
  ObservedCommand,
  ObservedDisk,
  ObservedMachine,
} from '@pileus/kernel/fabric/machines'

/** How long each step takes. */
export interface SimulatedDelays {
  bootMs: number
  shutDownMs: number
  removeMs: number
  commandMs: number
}

export type SimulatedStep = 'boot' | 'shutDown' | 'remove' | 'command'

/** Asked before each step; a text makes the step fail with it, and it is tried again later. */
export type SimulatedFaults = (step: SimulatedStep, machineId: string, agentId: string) => string | undefined

export interface MachineWorld {
  agentId: string
  clock: Clock
  delays: SimulatedDelays
  faults: SimulatedFaults
  /** Called after each change of what is observed. */
  onChange(): void
  onConsole(tail: ConsoleTail): void
  onRemoved(machineId: string): void
}

/** What of a machine outlives the process. */
export interface MachineRecord {
  desired: DesiredMachine
  observed: ObservedMachine
}

const retryMs = 250

export class SimulatedMachine {
  readonly #world: MachineWorld
  #desired: DesiredMachine | undefined
  #last: DesiredMachine
  #observed: ObservedMachine
  #timer: NodeJS.Timeout | undefined
  readonly #commandTimers = new Map<string, NodeJS.Timeout>()

  constructor(world: MachineWorld, record: MachineRecord) {
    this.#world = world
    this.#desired = record.desired
    this.#last = record.desired
    this.#observed = record.observed
  }

  static make(world: MachineWorld, desired: DesiredMachine): SimulatedMachine {
    return new SimulatedMachine(world, {
      desired,
      observed: {
        id: desired.id,
        generation: 0,
        bootGeneration: 0,
        power: 'off',
        guestReady: false,
        commands: [],
        disks: [],
      },
    })
  }

  get observed(): ObservedMachine {
    return this.#observed
  }

  get record(): MachineRecord {
    return { desired: withoutSecrets(this.#last), observed: this.#observed }
  }

  /** `undefined` asks for the machine's removal. */
  want(desired: DesiredMachine | undefined): void {
    this.#desired = desired
    if (desired) this.#last = desired
    this.step()
  }

  /** Takes the next step towards what is desired, if there is one and none is under way. */
  step(): void {
    if (this.#timer) return
    const { delays } = this.#world
    const desired = this.#desired
    if (!desired) {
      this.#after('remove', delays.removeMs, () => this.#remove())
      return
    }
    const { power, bootGeneration } = this.#observed
    const mayRest = this.#observed.poweredItselfOff === true && bootGeneration >= desired.bootGeneration
    if (desired.power === 'on' && !mayRest && (power === 'off' || bootGeneration < desired.bootGeneration)) {
      // As the real engine: without the keys of its disks nothing starts.
      const locked = desired.disks.find((disk) => disk.encryption && disk.encryption.secret === undefined)
      if (locked && power === 'off') {
        const error = locked.encryption?.problem ?? `the key of disk ${locked.id} has not been told to this host`
        if (this.#observed.error !== error) this.#change({ error })
        return
      }
      this.#after('boot', delays.bootMs, () => this.#boot(desired))
      return
    }
    if (desired.power === 'off' && power === 'on') {
      this.#after('shutDown', desired.force ? 0 : delays.shutDownMs, () => this.#shutDown())
      return
    }
    // As the real engine: a disk whose key is not told is not made.
    const disks = observeDisks(desired, this.#observed.disks ?? [])
    const isOther = JSON.stringify(disks) !== JSON.stringify(this.#observed.disks)
    if (this.#observed.generation !== desired.generation || this.#observed.error !== undefined || isOther) {
      this.#change({ generation: desired.generation, disks })
    }
    this.#stepCommands(desired)
  }

  /** The guest shuts itself down, as by `poweroff`. */
  shutDownByGuest(): void {
    if (this.#observed.power === 'on') this.#change({ power: 'off', guestReady: false, poweredItselfOff: true })
  }

  /** The machine loses its power and comes back as it is desired. */
  cutPower(): void {
    this.stop()
    if (this.#observed.power === 'on') this.#change({ power: 'off', guestReady: false, bootGeneration: 0 })
    this.step()
  }

  /** Ends what is under way; `step` takes it up again. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const timer of this.#commandTimers.values()) clearTimeout(timer)
    this.#commandTimers.clear()
  }

  #after(step: SimulatedStep, delayMs: number, act: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const fault = this.#world.faults(step, this.#last.id, this.#world.agentId)
      if (fault === undefined) {
        act()
        return
      }
      if (this.#observed.error !== fault) this.#change({ error: fault })
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.step()
      }, retryMs)
    }, delayMs)
  }

  #boot(desired: DesiredMachine): void {
    if (this.#desired !== desired && this.#desired?.power !== 'on') {
      this.step()
      return
    }
    const at = this.#world.clock.now().toISOString()
    this.#change({ power: 'on', bootGeneration: this.#last.bootGeneration, startedAt: at, guestReady: true })
    const text = `Simulated machine ${this.#last.id}: no guest runs; host name ${this.#last.metadata.hostname}, address ${this.#last.metadata.privateIpv4}.\n`
    this.#world.onConsole({ machineId: this.#last.id, text: Buffer.from(text).toString('base64'), updatedAt: at })
    this.step()
  }

  #shutDown(): void {
    this.#change({ power: 'off', guestReady: false })
    this.step()
  }

  #remove(): void {
    if (this.#desired) {
      this.step()
      return
    }
    this.stop()
    this.#world.onRemoved(this.#last.id)
  }

  /** Replaces what is observed; `error` goes unless it is given. */
  #change(change: Partial<ObservedMachine>): void {
    const { error: _error, poweredItselfOff, startedAt, ...rest } = this.#observed
    const power = change.power ?? rest.power
    const rests = poweredItselfOff && power === 'off' && this.#desired?.power === 'on'
    this.#observed = {
      ...rest,
      ...(rests ? { poweredItselfOff: true } : {}),
      ...(power === 'on' && startedAt !== undefined ? { startedAt } : {}),
      ...change,
    }
    this.#world.onChange()
  }

  #stepCommands(desired: DesiredMachine): void {
    const wanted = new Set(desired.commands.map((command) => command.id))
    const kept = this.#observed.commands.filter((command) => wanted.has(command.id) || command.status === 'running')
    if (kept.length < this.#observed.commands.length) this.#change({ commands: kept })
    if (this.#observed.power !== 'on') return
    for (const command of desired.commands) {
      const seen = this.#observed.commands.find((one) => one.id === command.id)
      if (!seen) this.#startCommand(command)
      else if (command.stop && seen.status === 'running') this.#finishCommand(command, 'stopped')
    }
  }

  #startCommand(command: DesiredCommand): void {
    if (command.stop) {
      this.#record({ ...this.#emptyCommand(command), status: 'stopped', finishedAt: this.#now() })
      return
    }
    this.#record({ ...this.#emptyCommand(command), status: 'running' })
    const timer = setTimeout(() => this.#finishCommand(command, 'finished'), this.#world.delays.commandMs)
    this.#commandTimers.set(command.id, timer)
  }

  #finishCommand(command: DesiredCommand, how: 'finished' | 'stopped'): void {
    clearTimeout(this.#commandTimers.get(command.id))
    this.#commandTimers.delete(command.id)
    const seen = this.#observed.commands.find((one) => one.id === command.id)
    const base = { ...this.#emptyCommand(command), startedAt: seen?.startedAt ?? this.#now(), finishedAt: this.#now() }
    if (how === 'stopped') {
      this.#record({ ...base, status: 'stopped' })
      return
    }
    const fault = this.#world.faults('command', this.#last.id, this.#world.agentId)
    if (fault !== undefined) {
      this.#record({ ...base, status: 'failed', errorCode: 'SimulatedFault', errorInfo: fault })
      return
    }
    const bytes = Buffer.from(command.content, 'base64').length
    const output = Buffer.from(`simulated: ${bytes} bytes of script not run\n`).toString('base64')
    this.#record({ ...base, output, status: 'finished', exitCode: 0 })
  }

  #emptyCommand(command: DesiredCommand) {
    return { id: command.id, startedAt: this.#now(), output: '', dropped: 0 }
  }

  #record(command: ObservedCommand): void {
    const others = this.#observed.commands.filter((one) => one.id !== command.id)
    this.#change({ commands: [...others, command] })
  }

  #now(): string {
    return this.#world.clock.now().toISOString()
  }
}

function observeDisks(desired: DesiredMachine, known: readonly ObservedDisk[]): ObservedDisk[] {
  return desired.disks.map(({ id, incarnation = 1, encryption }) => {
    const isMade = known.some((disk) => disk.id === id && disk.incarnation === incarnation && disk.ready)
    return { id, incarnation, ready: isMade || !encryption || encryption.secret !== undefined }
  })
}
