/**
 * What disks are on a host. A disk that begins anew gets another volume beside the old one, so that each content is
 * whole or absent; the name of a volume tells which disk and which beginning it is.
 */
import type { DesiredDisk } from '@pileus/kernel/fabric/machines'

/** The name of the volume that holds the disk's content. */
export function volumeOf(disk: Pick<DesiredDisk, 'id' | 'incarnation'>): string {
  const incarnation = disk.incarnation ?? 1
  return incarnation === 1 ? disk.id : `${disk.id}.${incarnation}`
}

/** The disk whose content the volume holds. */
export function diskOf(volume: string): { id: string; incarnation: number } {
  const [, id, incarnation] = /^(.+)\.(\d+)$/.exec(volume) ?? []
  return id === undefined ? { id: volume, incarnation: 1 } : { id, incarnation: Number(incarnation) }
}

/**
 * Which machine has which volume: one at a time. The machines' records say so on the disk; this is the same for all
 * machines of one agent, so that none takes what another has not yet let go.
 */
export class VolumeHolders {
  readonly #holders = new Map<string, string>()

  /** Makes these the volumes that the machine has. @throws Error when another machine has one of them */
  hold(machineId: string, volumes: readonly string[]): void {
    for (const volume of volumes) {
      const holder = this.#holders.get(volume)
      if (holder === undefined || holder === machineId) continue
      throw new Error(`disk ${volume} is still attached to machine ${holder}`)
    }
    for (const [volume, holder] of this.#holders) {
      if (holder === machineId && !volumes.includes(volume)) this.#holders.delete(volume)
    }
    for (const volume of volumes) this.#holders.set(volume, machineId)
  }

  isHeld(volume: string): boolean {
    return this.#holders.has(volume)
  }
}
