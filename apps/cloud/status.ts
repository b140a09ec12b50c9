import type { ReconcilerStatus } from '@pileus/kernel/reconcile'
import type { ReadyBlock } from './config.ts'

/** What `pileus status` shows. */
export interface CloudStatus {
  running: true
  ready: Omit<ReadyBlock, 'accessKeySecret'>
  startedAt: string
  machines: { total: number; running: number }
  hosts: {
    agentId: string
    engine: string
    accelerator: string
    vcpus: number
    vcpusReserved: number
    memoryMiB: number
    memoryReservedMiB: number
    lastSeenAt: string
  }[]
  reconcilers: ReconcilerStatus[]
  /** Calls per action since the start. */
  calls: Record<string, { calls: number; errors: number }>
  /** Long work that goes on in the background, such as building an image. */
  work: string[]
}
