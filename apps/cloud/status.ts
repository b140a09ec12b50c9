import type { Overview } from '@pileus/ecs/tables/overview'
import type { ReconcilerStatus } from '@pileus/kernel/reconcile'
import type { ReadyBlock } from './config.ts'

/** What `pileus status` shows. */
export interface CloudStatus extends Overview {
  running: true
  ready: Omit<ReadyBlock, 'accessKeySecret'>
  startedAt: string
  reconcilers: ReconcilerStatus[]
  /** Calls per action since the start. */
  calls: Record<string, { calls: number; errors: number }>
  /** Long work that goes on in the background, such as building an image. */
  work: string[]
}
