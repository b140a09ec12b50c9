/** What this machine can give to machines. */
import { statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { MachineCapacity } from '@pileus/kernel/fabric/machines'

const mib = 1024 ** 2
const gib = 1024 ** 3

export interface CapacityPolicy {
  /** How many virtual processors one real one is counted as. */
  vcpusPerCore: number
  /** Memory kept for the system and the cloud itself. */
  reservedMemoryMiB: number
  /** How much disk is promised for each GiB there is: disks take space only as guests write. */
  diskOvercommit: number
}

/** Reads the capacity as it is now; disk is counted from all of the file system that holds `dataDir`. */
export async function readCapacity(dataDir: string, policy: CapacityPolicy): Promise<MachineCapacity> {
  const storage = await statfs(dataDir)
  return {
    vcpus: Math.max(1, Math.floor(availableParallelism() * policy.vcpusPerCore)),
    memoryMiB: Math.max(0, Math.floor(totalmem() / mib) - policy.reservedMemoryMiB),
    diskGiB: Math.floor((storage.blocks * storage.bsize * policy.diskOvercommit) / gib),
  }
}
