/** One machine's QEMU: starts it, finds it again, talks to it, ends it. Knows nothing of what is desired. */
import { createHash } from 'node:crypto'
import { chown, mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { effect } from '@pileus/kernel/effects'
import { getDiskSecret } from '@pileus/kernel/fabric/disk-secrets'
import type { DesiredDisk, DesiredMachine } from '@pileus/kernel/fabric/machines'
import { withSecretFile } from '../disks/secret-file.ts'
import { volumeOf } from '../disks/volumes.ts'
import { buildQemuArguments, consoleChardev, consoleRingBytes, guestAgentPort, qemuSockets } from '../qemu/arguments.ts'
import { ensureMachineCgroup, memoryBoundMiB, removeMachineCgroup } from '../qemu/cgroup.ts'
import { isAlive, killProcess, launchQemu, type ProcessIdentity, waitForExit } from '../qemu/process.ts'
import { QmpClient, type QmpEvent, type RunState } from '../qemu/qmp-client.ts'
import { GuestLink } from './guest-link.ts'
import { HotDisks } from './hot-disks.ts'
import type { MachineHost } from './machine-host.ts'
import type { ProcessState } from './plan-machine.ts'

const connectDeadlineMs = 15_000
const quitDeadlineMs = 3000

export class Hypervisor {
  readonly #host: MachineHost
  readonly #machineId: string
  readonly #machineDir: string
  readonly #runDir: string
  readonly #onChange: () => void
  #process: ProcessIdentity | undefined
  #monitor: QmpClient | undefined
  #runState: RunState = ''
  readonly guest: GuestLink
  /** The disks of the QEMU that runs. */
  readonly disks: HotDisks
  /** Under which it runs; undefined keeps the agent's own. */
  uid: number | undefined
  /** How often the guest restarted since this agent watches it. */
  resets = 0

  constructor(host: MachineHost, machineId: string, machineDir: string, onChange: () => void) {
    this.#host = host
    this.#machineId = machineId
    this.#machineDir = machineDir
    this.#runDir = join(machineDir, 'run')
    this.#onChange = onChange
    this.disks = new HotDisks(() => this.#get())
    this.guest = new GuestLink(join(this.#runDir, qemuSockets.guestAgent), onChange)
  }

  get logFile(): string {
    return join(this.#machineDir, 'qemu.log')
  }

  get state(): ProcessState {
    if (!this.#process) return 'none'
    if (!this.#monitor) return 'unknown'
    switch (this.#runState) {
      case 'shutdown':
        return 'poweredOff'
      case 'io-error':
        return 'stalled'
      case 'internal-error':
      case 'guest-panicked':
        return 'crashed'
      default:
        return 'running'
    }
  }

  /** Takes over a QEMU that an earlier agent started, if it is among these processes (by working directory). */
  async adopt(processes: ReadonlyMap<string, ProcessIdentity>): Promise<void> {
    const directory = await realpath(this.#runDir).catch(() => undefined)
    this.#process = directory === undefined ? undefined : processes.get(directory)
  }

  /** Connects to the QEMU that runs. @throws Error with QEMU's own words when it has ended */
  async connect(): Promise<void> {
    const identity = this.#process
    if (!identity) throw new Error('there is no QEMU to talk to')
    const deadline = Date.now() + connectDeadlineMs
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 200)) {
      const monitor = await this.#tryConnect()
      if (monitor) return await this.#follow(monitor)
      if (!(await isAlive(identity))) {
        this.#process = undefined
        throw new Error(`QEMU ended at once: ${await this.#lastWords()}`)
      }
      if (Date.now() > deadline) throw new Error('QEMU does not answer on its monitor')
      await sleep(pauseMs)
    }
  }

  /** Starts QEMU for this hardware and connects to it. `taps` gives the interface of each NIC by its id. */
  async launch(desired: DesiredMachine, taps: ReadonlyMap<string, string>): Promise<void> {
    await this.#withSecretFiles(desired.disks, new Map(), (files) => this.#launchWith(desired, taps, files))
  }

  /** Keys of encrypted disks lie in files until QEMU answers, which it does once it has read them. */
  async #withSecretFiles(
    [disk, ...rest]: readonly DesiredDisk[],
    files: ReadonlyMap<string, string>,
    use: (files: ReadonlyMap<string, string>) => Promise<void>,
  ): Promise<void> {
    if (!disk) return await use(files)
    const secret = getDiskSecret(disk)
    if (secret === undefined) return await this.#withSecretFiles(rest, files, use)
    await withSecretFile(secret, this.uid, (path) =>
      this.#withSecretFiles(rest, new Map([...files, [disk.id, path]]), use),
    )
  }

  async #launchWith(
    desired: DesiredMachine,
    taps: ReadonlyMap<string, string>,
    secretFiles: ReadonlyMap<string, string>,
  ): Promise<void> {
    const args = await this.#arguments(desired, taps, secretFiles)
    await this.#freshRunDir()
    const { network, groups, cgroupParent, accelerator, qemuBinary } = this.#host
    const bounds = { vcpus: desired.vcpus, memoryMiB: memoryBoundMiB(desired.memoryMiB, accelerator) }
    const cgroup = cgroupParent && (await ensureMachineCgroup(cgroupParent, this.#machineId, bounds))
    const identity: { current?: ProcessIdentity } = {}
    const program = { binary: qemuBinary, args, runDir: this.#runDir, logFile: this.logFile }
    identity.current = await launchQemu(
      { ...program, uid: this.uid, groups, namespace: network.namespace, cgroup },
      () => this.#ended(identity.current),
    )
    this.#process = identity.current
    await this.connect()
  }

  /** Ends QEMU at once, however it is doing. */
  async quit(): Promise<void> {
    const identity = this.#process
    if (!identity) return
    const monitor = this.#monitor
    if (monitor) await effect('qemu.quit', () => monitor.execute('quit').catch(() => {}))
    if (!monitor || !(await waitForExit(identity, quitDeadlineMs))) await killProcess(identity)
    this.#ended(identity)
  }

  /** Asks the guest to power off: its agent if it answers, else by the power button. */
  async askShutdown(): Promise<void> {
    await effect('guest.shutdown', () => this.#askGuest('powerdown'))
  }

  /** Asks the guest to restart; one without an agent is asked to power off, and started again by the next steps. */
  async askReboot(): Promise<void> {
    await effect('guest.reboot', () => this.#askGuest('reboot'))
  }

  async reset(): Promise<void> {
    await effect('qemu.reset', () => this.#get().execute('system_reset'))
  }

  /** Lets a guest go on that was paused because the host's storage failed. */
  async retryWrite(): Promise<void> {
    await effect('qemu.continue', () => this.#get().execute('cont'))
    await this.#refresh()
  }

  /** Gives the running guest a disk. The volume belongs to this machine's user already. */
  async plugDisk(disk: DesiredDisk): Promise<void> {
    const path = this.#near(this.#host.disks.pathOf(volumeOf(disk)))
    await effect('qemu.plug', () => this.disks.plug(disk, path, getDiskSecret(disk)))
  }

  /** Asks the guest to let go of a disk, and closes it once the guest has. */
  async unplugDisk(volume: string): Promise<void> {
    await effect('qemu.unplug', () => this.disks.unplug(volume))
  }

  /** Takes a disk away from a guest that does not let go: from then on it finds errors there. */
  async forceDisk(volume: string): Promise<void> {
    await effect('qemu.force', () => this.disks.force(volume))
  }

  /** Tells the running guest that a disk has grown. */
  async resizeDisk(volume: string, sizeGiB: number): Promise<void> {
    await effect('qemu.resize', () => this.disks.grow(volume, sizeGiB))
  }

  /** Takes what the guest has printed since the last call; empty when nothing runs. */
  async takeConsole(): Promise<Buffer> {
    if (!this.#monitor) return Buffer.alloc(0)
    return await this.#monitor.takeRing(consoleChardev, consoleRingBytes)
  }

  /** Removes QEMU's directory and cgroup, once it has ended. */
  async removeTraces(): Promise<void> {
    const parent = this.#host.cgroupParent
    if (parent) await removeMachineCgroup(parent, this.#machineId)
  }

  /** Lets go of QEMU, which runs on. */
  release(): void {
    this.guest.close()
    const monitor = this.#monitor
    this.#monitor = undefined
    monitor?.close()
  }

  async #askGuest(mode: 'powerdown' | 'reboot'): Promise<void> {
    if (this.guest.ready) await this.guest.shutdown(mode)
    else await this.#get().execute('system_powerdown')
  }

  #get(): QmpClient {
    if (!this.#monitor) throw new Error('QEMU does not answer on its monitor')
    return this.#monitor
  }

  async #tryConnect(): Promise<QmpClient | undefined> {
    const current: { monitor?: QmpClient } = {}
    try {
      const path = join(this.#runDir, qemuSockets.monitor)
      const options = { onEvent: (event: QmpEvent) => this.#onEvent(event), onClose: () => this.#lost(current.monitor) }
      current.monitor = await QmpClient.connect(path, options)
      return current.monitor
    } catch {
      // Not listening yet, or no longer; the caller asks whether the process lives.
      return undefined
    }
  }

  async #follow(monitor: QmpClient): Promise<void> {
    this.#monitor = monitor
    await this.disks.look()
    this.#runState = await monitor.getRunState()
    this.guest.setPortOpen(await monitor.isPortOpen('ga'))
    this.#onChange()
  }

  #onEvent(event: QmpEvent): void {
    if (event.name === 'RESET') this.resets += 1
    if (event.name === 'VSERPORT_CHANGE' && event.data['id'] === guestAgentPort) {
      this.guest.setPortOpen(event.data['open'] === true)
    }
    if (event.name === 'DEVICE_DELETED') void this.#lookAtDisks()
    if (['STOP', 'RESUME', 'SHUTDOWN', 'RESET'].includes(event.name)) void this.#refresh()
  }

  async #refresh(): Promise<void> {
    const monitor = this.#monitor
    if (!monitor) return
    try {
      this.#runState = await monitor.getRunState()
    } catch {
      // A monitor that does not answer is dropped, and asked anew over a new connection.
      monitor.close()
    }
    this.#onChange()
  }

  async #lookAtDisks(): Promise<void> {
    // What fails here is looked at again when the connection is made anew.
    await this.disks.look().catch(() => this.#monitor?.close())
    this.#onChange()
  }

  #lost(monitor: QmpClient | undefined): void {
    if (!monitor || monitor !== this.#monitor) return
    this.#monitor = undefined
    this.guest.setPortOpen(false)
    const identity = this.#process
    if (!identity) return
    void waitForExit(identity, quitDeadlineMs).then((isGone) => (isGone ? this.#ended(identity) : this.#onChange()))
  }

  #ended(identity: ProcessIdentity | undefined): void {
    if (!identity || this.#process !== identity) return
    this.#process = undefined
    this.release()
    this.#onChange()
  }

  async #lastWords(): Promise<string> {
    const text = await readFile(this.logFile, 'utf8').catch(() => '')
    return text.trim().slice(-500).split('\n').at(-1) || 'it said nothing'
  }

  /** A directory that only QEMU's user may write: what is in it is never trusted. */
  async #freshRunDir(): Promise<void> {
    const { uid } = this
    await effect('machine.runDir', async () => {
      await rm(this.#runDir, { recursive: true, force: true })
      await mkdir(this.#runDir, { mode: 0o700 })
      if (uid !== undefined) await chown(this.#runDir, uid, uid)
    })
  }

  #near(path: string): string {
    return relative(this.#runDir, path)
  }

  async #arguments(
    desired: DesiredMachine,
    taps: ReadonlyMap<string, string>,
    secretFiles: ReadonlyMap<string, string>,
  ): Promise<string[]> {
    const { disks, accelerator, network } = this.#host
    const system = desired.disks.find((disk) => disk.role === 'system')
    if (system?.source.kind !== 'image') throw new Error('a machine needs a system disk that comes from an image')
    const image = await this.#host.findImage(system.source.imageId)
    if (!image) throw new Error(`image ${system.source.imageId} is not on this host`)
    const near = (path: string) => this.#near(path)
    return buildQemuArguments({
      machineId: desired.id,
      accelerator,
      vcpus: desired.vcpus,
      memoryMiB: desired.memoryMiB,
      smbios: { serial: desired.metadata.serialNumber, uuid: systemUuid(desired.metadata.serialNumber) },
      boot: { kernel: near(image.kernelPath), initrd: near(image.initrdPath), cmdline: image.cmdline },
      disks: [system, ...desired.disks.filter((disk) => disk !== system)].map((disk) => ({
        id: disk.id,
        volume: volumeOf(disk),
        path: near(disks.pathOf(volumeOf(disk))),
        ...(secretFiles.has(disk.id) ? { secretFile: secretFiles.get(disk.id)! } : {}),
      })),
      nics: desired.nics.map((nic) => ({
        ifname: getTap(nic.id, taps),
        mac: nic.mac,
        offloads: network.offloads,
      })),
    })
  }
}

function getTap(nicId: string, taps: ReadonlyMap<string, string>): string {
  const ifname = taps.get(nicId)
  if (ifname === undefined) throw new Error(`NIC ${nicId} has no tap`)
  return ifname
}

/** The serial number when it is a UUID, else one derived from it. */
function systemUuid(serialNumber: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(serialNumber)) return serialNumber.toLowerCase()
  const hex = createHash('sha256').update(serialNumber).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
