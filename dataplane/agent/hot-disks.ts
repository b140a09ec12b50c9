/**
 * The disks of a QEMU that runs: data disks come and go, every disk can grow.
 *
 * A disk is a device, which the guest sees, on two block nodes and perhaps a key. To let go of it the guest is asked
 * first; when it has, the device is gone and the nodes are closed, and only then the file is nobody's. A guest that
 * does not answer keeps its device, and the device gets another node, where every access fails.
 *
 * Nothing is remembered: QEMU is asked what there is, so an agent that dies between two steps is no different.
 */
import type { DesiredDisk } from '@pileus/kernel/fabric/machines'
import { volumeOf } from '../disks/volumes.ts'
import { dataDiskSlots, diskNames, diskParts, parseDiskDevice } from '../qemu/arguments.ts'
import { isJsonObject, type JsonObject } from '../qemu/message-socket.ts'
import { type QmpClient, QmpError } from '../qemu/qmp-client.ts'

const bytesPerGiB = 1024 ** 3
/** Number of the error that a disk gives which was taken away: input/output error. */
const eio = 5

/** `plugged`: the guest sees it. `open`: QEMU has its file open, and no guest sees it. */
export type HotDiskState = 'plugged' | 'open'

/** A device and what it shows to the guest. */
interface Device {
  slot: number
  volume: string
  /** The block node behind it. */
  node: string
  sizeBytes: number
}

export class HotDisks {
  readonly #monitor: () => QmpClient
  #devices: Device[] = []
  #nodes = new Set<string>()
  #states = new Map<string, HotDiskState>()

  constructor(monitor: () => QmpClient) {
    this.#monitor = monitor
  }

  /** Data disks by volume, as they were when QEMU was last asked. */
  get states(): ReadonlyMap<string, HotDiskState> {
    return this.#states
  }

  /** Asks QEMU what disks it has. */
  async look(): Promise<void> {
    this.#devices = (await this.#list('query-block', {})).flatMap((one) => parseDevice(one) ?? [])
    const nodes = await this.#list('query-named-block-nodes', { flat: true })
    this.#nodes = new Set(nodes.map((one) => String(one['node-name'])))
    const states = new Map<string, HotDiskState>()
    for (const node of this.#nodes) {
      if (!node.startsWith(diskNames('', 0).node)) continue
      const volume = node.slice(diskNames('', 0).node.length)
      const device = this.#findDevice(volume)
      if (device?.slot !== 0) states.set(volume, device ? 'plugged' : 'open')
    }
    this.#states = states
  }

  /** `path` as QEMU sees it; `secret` opens an encrypted disk. Repeatable. @throws Error when no slot is free */
  async plug(disk: DesiredDisk, path: string, secret: string | undefined): Promise<void> {
    await this.look()
    const volume = volumeOf(disk)
    if (this.#states.get(volume) === 'plugged') return
    await this.#removeGhosts()
    const slot = this.#findFreeSlot()
    if (slot === undefined) throw new Error(`the machine has no slot left for disk ${disk.id}`)
    const names = diskNames(volume, slot)
    const parts = diskParts({ id: disk.id, volume, path, isEncrypted: secret !== undefined }, slot)
    if (!this.#states.has(volume)) {
      await this.#close(volume)
      if (secret !== undefined) await this.#do('object-add', { 'qom-type': 'secret', id: names.secret, data: secret })
      await this.#do('blockdev-add', parts.file)
      await this.#do('blockdev-add', parts.format)
    }
    await this.#do('device_add', parts.device)
    await this.look()
  }

  /** Asks the guest to let go; closes the disk when it has. Repeatable. */
  async unplug(volume: string): Promise<void> {
    await this.look()
    if (this.#states.get(volume) === 'open') await this.#close(volume)
    const device = this.#findDevice(volume)
    // A guest that was asked a moment ago is being waited for, which QEMU says with an error.
    if (device) await this.#tolerate('device_del', { id: diskNames(volume, device.slot).device })
    await this.look()
  }

  /** Gives the device another node, where every access fails, and closes the disk. Repeatable. */
  async force(volume: string): Promise<void> {
    await this.look()
    const device = this.#findDevice(volume)
    if (device) {
      await this.#removeGhosts()
      const { node, base } = ghostOf(device.slot)
      const errors = [{ event: 'none', errno: eio }]
      await this.#do('blockdev-add', { driver: 'null-co', 'node-name': base, size: device.sizeBytes })
      await this.#do('blockdev-add', { driver: 'blkdebug', 'node-name': node, image: base, 'inject-error': errors })
      const path = `/machine/peripheral/${diskNames(volume, device.slot).device}`
      await this.#do('qom-set', { path, property: 'drive', value: node })
    }
    await this.#close(volume)
    await this.look()
  }

  async grow(volume: string, sizeGiB: number): Promise<void> {
    await this.#do('block_resize', { 'node-name': diskNames(volume, 0).node, size: sizeGiB * bytesPerGiB })
  }

  /** Closes what there is of it. */
  async #close(volume: string): Promise<void> {
    const { node, file, secret } = diskNames(volume, 0)
    if (this.#nodes.has(node)) await this.#do('blockdev-del', { 'node-name': node })
    if (this.#nodes.has(file)) await this.#do('blockdev-del', { 'node-name': file })
    // QEMU does not list its keys; most disks have none.
    await this.#tolerate('object-del', { id: secret })
  }

  /** Removes the nodes that stood in for disks of devices that are gone. */
  async #removeGhosts(): Promise<void> {
    const used = new Set(this.#devices.map((device) => device.node))
    for (let slot = 1; slot <= dataDiskSlots; slot += 1) {
      const { node, base } = ghostOf(slot)
      if (used.has(node)) continue
      for (const name of [node, base])
        if (this.#nodes.delete(name)) await this.#do('blockdev-del', { 'node-name': name })
    }
  }

  #findFreeSlot(): number | undefined {
    const taken = new Set(this.#devices.map((device) => device.slot))
    return Array.from({ length: dataDiskSlots }, (_, index) => index + 1).find((slot) => !taken.has(slot))
  }

  /** The device through which the guest sees the volume. */
  #findDevice(volume: string): Device | undefined {
    return this.#devices.find((device) => device.node === diskNames(volume, 0).node)
  }

  async #list(command: string, args: JsonObject): Promise<JsonObject[]> {
    const answer = await this.#do(command, args)
    if (!Array.isArray(answer)) throw new Error(`QEMU gave no list for ${command}`)
    return answer.filter(isJsonObject)
  }

  async #do(command: string, args: JsonObject): Promise<unknown> {
    return await this.#monitor().execute(command, args)
  }

  /** QEMU may refuse it. */
  async #tolerate(command: string, args: JsonObject): Promise<void> {
    try {
      await this.#do(command, args)
    } catch (error) {
      if (!(error instanceof QmpError)) throw error
    }
  }
}

/** From an entry of `query-block`. */
function parseDevice(block: JsonObject): Device | undefined {
  const id = /^\/machine\/peripheral\/([^/]+)/.exec(String(block['qdev']))?.[1]
  const disk = id === undefined ? undefined : parseDiskDevice(id)
  const inserted = isJsonObject(block['inserted']) ? block['inserted'] : {}
  const image = isJsonObject(inserted['image']) ? inserted['image'] : {}
  return disk && { ...disk, node: String(inserted['node-name']), sizeBytes: Number(image['virtual-size']) }
}

/** What stands in for the disk of a slot that was taken away. */
function ghostOf(slot: number): { node: string; base: string } {
  return { node: `gone${slot}`, base: `gone-base${slot}` }
}
