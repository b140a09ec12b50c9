/** What all machines of one host share. */
import type { Log } from '@pileus/kernel/log'
import type { DiskDirectory } from '../disks/disks.ts'
import type { HostNetwork } from './host-network.ts'
import type { MachineUsers } from './machine-users.ts'
import type { Limiter } from './waiting.ts'

/** An image as far as booting needs it; paths are absolute. */
export interface BootImage {
  id: string
  kernelPath: string
  initrdPath: string
  diskPath: string
  cmdline: string
}

export interface MachineHost {
  dataDir: string
  qemuBinary: string
  accelerator: 'kvm' | 'tcg'
  /** Unprivileged owners of QEMU processes, disks and taps; undefined keeps the agent's own user. */
  users: MachineUsers | undefined
  /** Groups that QEMU needs besides, such as that of `/dev/kvm`. */
  groups: readonly number[]
  /** Cgroup that holds those of the machines; undefined where the system has none to give. */
  cgroupParent: string | undefined
  network: HostNetwork
  disks: DiskDirectory
  /** Makes sure that guests behind this router reach their metadata. */
  prepareRouter: (routerId: string) => Promise<void>
  findImage: (imageId: string) => Promise<BootImage | undefined>
  /** How long a guest may take to shut itself down before it is switched off. */
  graceMs: number
  /** Bounds how many machines start or make disks at the same time. */
  heavyWork: Limiter
  log: Log
  /** Called when something that the control plane should know has changed. */
  onNews: () => void
}
