import type { Overview } from '@pileus/ecs/tables/overview'
import type { ReconcilerStatus } from '@pileus/kernel/reconcile'
import type { DamagedObject } from '@pileus/oss/tables/damage'
import type { ReadyBlock } from './config.ts'

/** What `pileus status` shows. */
export interface CloudStatus extends Overview {
  running: true
  ready: Omit<ReadyBlock, 'accessKeySecret'>
  startedAt: string
  reconcilers: ReconcilerStatus[]
  /** Objects whose bytes are damaged on disk, the latest found first; some of them when there are many. */
  damaged: DamagedObject[]
  /** Calls per action since the start. */
  calls: Record<string, { calls: number; errors: number }>
  /** Long work that goes on in the background, such as building an image. */
  work: string[]
}
