import type { DesiredDisk, DesiredMachine } from './machines.ts'

/** What may be written to a disk of the machines: all but the keys of their disks. */
export function withoutSecrets<Machine extends Pick<DesiredMachine, 'disks'>>(machine: Machine): Machine {
  if (!machine.disks.some((disk) => disk.encryption?.secret !== undefined)) return machine
  return { ...machine, disks: machine.disks.map(withoutSecret) }
}

function withoutSecret(disk: DesiredDisk): DesiredDisk {
  if (disk.encryption?.secret === undefined) return disk
  const { secret: _, ...encryption } = disk.encryption
  return { ...disk, encryption }
}

/** The key of an encrypted disk; undefined for a disk that is not. @throws Error that says why there is none */
export function getDiskSecret(disk: DesiredDisk): string | undefined {
  const { encryption } = disk
  if (!encryption) return undefined
  if (encryption.secret !== undefined) return encryption.secret
  throw new Error(encryption.problem ?? `the key of disk ${disk.id} has not been told to this host`)
}
