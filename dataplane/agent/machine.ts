/**
 * Keeps one machine as it is desired: looks, plans one step, takes it, and looks again. Nothing outside waits for it;
 * a change of what is desired, or of what QEMU does, wakes it.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { getDiskSecret } from '@pileus/kernel/fabric/disk-secrets'
import type {
  ConsoleTail,
  DesiredDisk,
  DesiredMachine,
  DesiredNic,
  ObservedDisk,
  ObservedMachine,
} from '@pileus/kernel/fabric/machines'
import { diskOf, volumeOf } from '../disks/volumes.ts'
import type { ProcessIdentity } from '../qemu/process.ts'
import { CommandRunner } from './commands.ts'
import { boundLog, ConsoleLog } from './console-log.ts'
import { ConsoleWatch } from './console-watch.ts'
import { Hypervisor } from './hypervisor.ts'
import type { MachineHost } from './machine-host.ts'
import { findMachineRecord, type MachineRecord, machinesDirOf, writeMachineRecord } from './machine-record.ts'
import { type LocalMachine, type MachineStep, planMachine } from './plan-machine.ts'
import { Bell, Pace } from './waiting.ts'

const recheckMs = 30_000
const firstRetryMs = 500
const lastRetryMs = 30_000
const retryWriteMs = 5000
const firstStartPauseMs = 1000
/** A guest that is asked while it boots may miss the question. */
const askUnplugEveryMs = 5000
const maxQemuLogBytes = 1 << 20
/** A guest that prints without end must not keep host and control plane busy telling of it; one that boots may print. */
const consolePace = { burst: 60, everyMs: 1000 }

export class Machine {
  readonly id: string
  readonly #host: MachineHost
  readonly #directory: string
  readonly #hypervisor: Hypervisor
  readonly #console: ConsoleLog
  readonly #consoleWatch: ConsoleWatch
  readonly #consolePace: Pace
  readonly #commands: CommandRunner
  readonly #bell = new Bell()
  /** Rung only when something else is desired: what QEMU does must not cut short the pause after a failure. */
  readonly #wishBell = new Bell()
  #desired: DesiredMachine | undefined
  #record: MachineRecord | undefined
  #disks = new Map<string, number>()
  /** Interface names by NIC id, of the taps this agent has made or found whole. */
  #taps = new Map<string, string>()
  #shutdownDeadlineMs: number | undefined
  #rebootDeadlineMs: number | undefined
  #resetsBeforeReboot = 0
  #retryWriteAtMs: number | undefined
  readonly #unplugs = new Map<string, { askAgainAtMs: number; deadlineMs: number }>()
  #startAllowedAtMs = 0
  #startPauseMs = firstStartPauseMs
  #settledGeneration = 0
  #error: string | undefined
  #failures = 0
  #isClosed = false
  #consoleVersionSent = 0
  #lastNews = ''
  /** Resolves when there is nothing left of a machine that must not exist, or after `close`. */
  done: Promise<'gone' | 'closed'> = Promise.resolve('closed')

  constructor(host: MachineHost, id: string) {
    this.id = id
    this.#host = host
    this.#directory = join(machinesDirOf(host.dataDir), id)
    this.#hypervisor = new Hypervisor(host, id, this.#directory, () => this.#wake())
    this.#console = new ConsoleLog(join(this.#directory, 'console.log'))
    const take = () => this.#hypervisor.takeConsole()
    this.#consolePace = new Pace(consolePace, () => host.onNews())
    this.#consoleWatch = new ConsoleWatch(this.#console, take, () => this.#consolePace.ask(), host.log)
    this.#commands = new CommandRunner(this.#directory, this.#hypervisor.guest, () => this.#wake())
  }

  /** Reads what an earlier agent left of it and begins to keep it. */
  async open(processes: ReadonlyMap<string, ProcessIdentity>): Promise<void> {
    this.#record = await findMachineRecord(this.#directory, this.id)
    this.#hypervisor.uid = this.#host.users?.claim(this.id, this.#record?.uid)
    await this.#hypervisor.adopt(processes)
    if (this.#record) {
      this.#host.disks.holders.hold(this.id, this.#record.diskIds)
      await this.#console.open()
      await this.#commands.open()
      await this.#lookAtParts()
    }
  }

  /** Begins to bring it to what is desired; `undefined` removes it. */
  start(desired: DesiredMachine | undefined): void {
    this.#desired = desired
    this.#commands.setDesired(desired?.commands ?? [])
    if (this.#hypervisor.state === 'none') void this.#commands.guestStopped()
    this.done = this.#keep()
    this.#consoleWatch.start()
  }

  /** Replaces what is desired; `undefined` removes the machine. */
  setDesired(desired: DesiredMachine | undefined): void {
    if (JSON.stringify(desired) === JSON.stringify(this.#desired)) return
    const isNewBoot =
      desired?.power !== this.#desired?.power || desired?.bootGeneration !== this.#desired?.bootGeneration
    if (isNewBoot) this.#allowStart()
    if (desired?.power !== this.#desired?.power) this.#shutdownDeadlineMs = undefined
    this.#desired = desired
    this.#commands.setDesired(desired?.commands ?? [])
    this.#failures = 0
    this.#bell.ring()
    this.#wishBell.ring()
  }

  /** What it desires now; undefined for a machine that is being removed. */
  get desired(): DesiredMachine | undefined {
    return this.#desired
  }

  observe(): ObservedMachine {
    const isOn = ['unknown', 'running', 'stalled'].includes(this.#hypervisor.state)
    const startedAt = this.#record?.startedAt
    return {
      id: this.id,
      generation: this.#settledGeneration,
      bootGeneration: this.#record?.bootGeneration ?? 0,
      power: isOn ? 'on' : 'off',
      ...(isOn && startedAt ? { startedAt } : {}),
      guestReady: this.#hypervisor.guest.ready,
      ...(this.#record?.poweredItselfOff ? { poweredItselfOff: true as const } : {}),
      ...(this.#error ? { error: this.#error } : {}),
      commands: this.#commands.observe(),
      disks: (this.#record?.diskIds ?? []).map((volume) => this.#observeDisk(volume)),
    }
  }

  #observeDisk(volume: string): ObservedDisk {
    const system = this.#desired?.disks.find((disk) => disk.role === 'system')
    const isOff = this.#hypervisor.state === 'none' || (system !== undefined && volumeOf(system) === volume)
    const isUsable = isOff || this.#hypervisor.disks.states.get(volume) === 'plugged'
    return { ...diskOf(volume), ready: isUsable && this.#disks.has(volume) }
  }

  /** The console's tail if it has changed since the version last sent and may be told; `sent` notes that it arrived. */
  findConsoleNews(): { tail: ConsoleTail; sent: () => void } | undefined {
    const { version, tail, updatedAt } = this.#console
    if (version === this.#consoleVersionSent || updatedAt === undefined || !this.#consolePace.isDue) return undefined
    const sent = () => {
      this.#consolePace.take()
      this.#consoleVersionSent = version
    }
    return { tail: { machineId: this.id, text: tail.toString('base64'), updatedAt }, sent }
  }

  /** Lets go of the machine, which runs on. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#consoleWatch.close()
    this.#consolePace.close()
    this.#bell.ring()
    this.#wishBell.ring()
    await this.done
    this.#hypervisor.release()
    await this.#commands.close()
  }

  async #keep(): Promise<'gone' | 'closed'> {
    while (!this.#isClosed) {
      const desired = this.#desired
      const step = planMachine(desired, this.#look(), Date.now())
      if (step.kind === 'gone') return this.#goneNow()
      try {
        await this.#take(step, desired)
        this.#tell()
      } catch (error) {
        await this.#pauseAfter(error, step)
      }
    }
    return 'closed'
  }

  #goneNow(): 'gone' {
    this.#consoleWatch.close()
    this.#consolePace.close()
    void this.#commands.close()
    return 'gone'
  }

  #look(): LocalMachine {
    const process = this.#hypervisor.state
    const rebooted = this.#rebootDeadlineMs !== undefined && this.#hypervisor.resets > this.#resetsBeforeReboot
    if (process !== 'stalled') this.#retryWriteAtMs = undefined
    else this.#retryWriteAtMs ??= Date.now() + retryWriteMs
    return {
      record: this.#record,
      process,
      disks: this.#disks,
      hotDisks: this.#hypervisor.disks.states,
      unplugs: this.#unplugs,
      taps: new Set(this.#taps.keys()),
      shutdownDeadlineMs: this.#shutdownDeadlineMs,
      rebootDeadlineMs: this.#rebootDeadlineMs,
      rebooted,
      retryWriteAtMs: this.#retryWriteAtMs,
      startAllowedAtMs: this.#startAllowedAtMs,
    }
  }

  async #take(step: MachineStep, desired: DesiredMachine | undefined): Promise<void> {
    switch (step.kind) {
      case 'settled':
        return await this.#settle(desired!)
      case 'gone':
        return
      case 'wait':
        if (this.#hypervisor.state === 'stalled') this.#setError('the host has no room for what the guest writes')
        this.#tell()
        return await this.#bell.wait(step.untilMs - Date.now())
      case 'mismatch':
        this.#setError('the new hardware takes effect when the machine is stopped and started')
        this.#tell()
        return await this.#bell.wait(recheckMs)
      case 'writeRecord':
        return await this.#writeRecord(step.record)
      case 'createDisk':
        return await this.#host.heavyWork.run(() => this.#createDisk(step.disk))
      case 'growDisk':
        return await this.#growDisk(step.disk, step.online)
      case 'plugDisk':
        return await this.#plugDisk(step.disk)
      case 'unplugDisk':
        return await this.#unplugDisk(step.volume)
      case 'forceDisk':
        this.#host.log.warn({ machineId: this.id, volume: step.volume }, 'a disk is taken away from its guest')
        return await this.#hypervisor.forceDisk(step.volume)
      case 'ensureTap':
        return await this.#ensureTap(step.nic)
      case 'dropParts':
        return await this.#dropParts(step.diskIds, step.nicIds, step.record)
      case 'connect':
        return await this.#hypervisor.connect()
      case 'launch':
        return await this.#host.heavyWork.run(() => this.#launch(desired!, step.record))
      case 'askShutdown':
        this.#shutdownDeadlineMs = Date.now() + this.#host.graceMs
        return await this.#hypervisor.askShutdown()
      case 'askReboot':
        this.#resetsBeforeReboot = this.#hypervisor.resets
        this.#rebootDeadlineMs = Date.now() + this.#host.graceMs
        return await this.#hypervisor.askReboot()
      case 'reset':
        this.#resetsBeforeReboot = this.#hypervisor.resets
        this.#rebootDeadlineMs = Date.now() + this.#host.graceMs
        await this.#hypervisor.reset()
        return await this.#writeRecord({ ...this.#record!, bootGeneration: desired!.bootGeneration })
      case 'retryWrite':
        this.#retryWriteAtMs = undefined
        return await this.#hypervisor.retryWrite()
      case 'quit':
        await this.#consoleWatch.drain()
        await this.#hypervisor.quit()
        return await this.#commands.guestStopped()
      case 'forget':
        return await this.#forget()
    }
  }

  async #settle(desired: DesiredMachine): Promise<void> {
    this.#settledGeneration = desired.generation
    this.#failures = 0
    this.#setError(undefined)
    this.#tell()
    await this.#bell.wait(recheckMs)
    if (!this.#isClosed && this.#record) await this.#lookAtParts()
  }

  /** A failed step is tried again later, and later each time, unless something changes. */
  async #pauseAfter(error: unknown, step: MachineStep): Promise<void> {
    this.#failures += 1
    const text = error instanceof Error ? error.message : String(error)
    this.#host.log.warn({ machineId: this.id, step: step.kind, failures: this.#failures, err: error }, 'a step failed')
    this.#setError(text)
    this.#tell()
    if (this.#isClosed) return
    await this.#wishBell.wait(Math.min(lastRetryMs, firstRetryMs * 2 ** (this.#failures - 1)))
  }

  async #writeRecord(record: MachineRecord): Promise<void> {
    await effect('machine.directory', () => mkdir(this.#directory, { recursive: true, mode: 0o711 }))
    const isReboot = this.#record && record.bootGeneration > this.#record.bootGeneration
    const { uid } = this.#hypervisor
    const next = {
      ...record,
      ...(isReboot ? { startedAt: new Date().toISOString() } : {}),
      ...(uid === undefined ? {} : { uid }),
    }
    const { holders } = this.#host.disks
    // Another machine may still be letting go of one of the disks.
    holders.hold(this.id, [...new Set([...(this.#record?.diskIds ?? []), ...next.diskIds])])
    await writeMachineRecord(this.#directory, next)
    this.#record = next
    holders.hold(this.id, next.diskIds)
    if (isReboot) this.#rebootDeadlineMs = undefined
  }

  async #createDisk(disk: DesiredDisk): Promise<void> {
    const basePath = disk.source.kind === 'image' ? await this.#getImageDisk(disk.source.imageId) : undefined
    const volume = volumeOf(disk)
    await this.#host.disks.ensure({ id: volume, sizeGiB: disk.sizeGiB, basePath, secret: getDiskSecret(disk) })
    this.#disks.set(volume, (await this.#host.disks.findSizeGiB(volume)) ?? disk.sizeGiB)
  }

  async #getImageDisk(imageId: string): Promise<string> {
    const image = await this.#host.findImage(imageId)
    if (!image) throw new Error(`image ${imageId} is not on this host`)
    return image.diskPath
  }

  async #growDisk(disk: DesiredDisk, online: boolean): Promise<void> {
    const volume = volumeOf(disk)
    if (online) await this.#hypervisor.resizeDisk(volume, disk.sizeGiB)
    else await this.#host.disks.grow(volume, disk.sizeGiB, getDiskSecret(disk))
    this.#disks.set(volume, disk.sizeGiB)
  }

  async #plugDisk(disk: DesiredDisk): Promise<void> {
    this.#unplugs.delete(volumeOf(disk))
    await this.#giveDisks([disk])
    await this.#hypervisor.plugDisk(disk)
  }

  async #unplugDisk(volume: string): Promise<void> {
    const nowMs = Date.now()
    const deadlineMs = this.#unplugs.get(volume)?.deadlineMs ?? nowMs + this.#host.graceMs
    this.#unplugs.set(volume, { askAgainAtMs: nowMs + askUnplugEveryMs, deadlineMs })
    await this.#hypervisor.unplugDisk(volume)
  }

  async #dropParts(diskIds: string[], nicIds: string[], record: MachineRecord): Promise<void> {
    for (const id of nicIds) await this.#removeTap(id)
    for (const id of diskIds) await this.#letGoOfDisk(id)
    await this.#writeRecord(record)
  }

  async #ensureTap(nic: DesiredNic): Promise<void> {
    const { ifname } = await this.#host.network.ensureTap(nic.id, this.#hypervisor.uid ?? process.getuid!())
    this.#taps.set(nic.id, ifname)
  }

  async #removeTap(nicId: string): Promise<void> {
    await this.#host.network.removeTap(nicId)
    this.#taps.delete(nicId)
  }

  /** Its content stays: the agent removes what nobody wants, once no machine has it. */
  async #letGoOfDisk(volume: string): Promise<void> {
    await this.#host.disks.takeBack(volume)
    this.#disks.delete(volume)
    this.#unplugs.delete(volume)
  }

  async #launch(desired: DesiredMachine, record: MachineRecord): Promise<void> {
    this.#shutdownDeadlineMs = undefined
    this.#rebootDeadlineMs = undefined
    await this.#writeRecord({ ...record, startedAt: new Date().toISOString() })
    // A QEMU that keeps dying is started less and less often.
    this.#startAllowedAtMs = Date.now() + this.#startPauseMs
    this.#startPauseMs = Math.min(this.#startPauseMs * 2, lastRetryMs)
    try {
      for (const nic of desired.nics) await this.#host.prepareRouter(nic.routerId)
      await this.#giveDisks(desired.disks)
      await this.#hypervisor.launch(desired, this.#taps)
    } catch (error) {
      // Made anew before the next attempt, in case one of them is the reason.
      this.#taps.clear()
      throw error
    }
    this.#consoleWatch.expectOutput()
    this.#host.log.info({ machineId: this.id }, 'machine started')
  }

  async #giveDisks(disks: readonly DesiredDisk[]): Promise<void> {
    const { uid } = this.#hypervisor
    if (uid !== undefined) for (const disk of disks) await this.#host.disks.giveTo(volumeOf(disk), uid)
  }

  #allowStart(): void {
    this.#startAllowedAtMs = 0
    this.#startPauseMs = firstStartPauseMs
  }

  async #forget(): Promise<void> {
    const record = this.#record!
    for (const id of record.nicIds) await this.#removeTap(id)
    for (const id of record.diskIds) await this.#letGoOfDisk(id)
    await this.#hypervisor.removeTraces()
    await effect('machine.forget', () => rm(this.#directory, { recursive: true, force: true }))
    this.#host.disks.holders.hold(this.id, [])
    this.#record = undefined
    this.#host.log.info({ machineId: this.id }, 'machine removed')
  }

  /** Reads anew which parts exist, in case someone else removed them. */
  async #lookAtParts(): Promise<void> {
    const record = this.#record!
    const recorded = new Set((await this.#host.network.listTaps()).map((tap) => tap.portId))
    for (const id of this.#taps.keys()) if (!recorded.has(id)) this.#taps.delete(id)
    const disks = new Map<string, number>()
    for (const id of record.diskIds) {
      const sizeGiB = await this.#host.disks.findSizeGiB(id)
      if (sizeGiB !== undefined) disks.set(id, sizeGiB)
    }
    this.#disks = disks
    await boundLog(this.#hypervisor.logFile, maxQemuLogBytes)
  }

  #setError(text: string | undefined): void {
    this.#error = text
  }

  #wake(): void {
    this.#bell.ring()
    this.#commands.wake()
    this.#tell()
  }

  #tell(): void {
    const news = JSON.stringify(this.observe())
    if (news === this.#lastNews) return
    this.#lastNews = news
    this.#host.onNews()
  }
}
