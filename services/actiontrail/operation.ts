import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { TrailDestinations } from './port.ts'
import type { Sequencer } from './sequencer.ts'

export interface TrailContext extends OperationContext {
  readonly destinations: TrailDestinations
  readonly sequencer: Sequencer
}

export const { read, write } = operationsFor<TrailContext>()

/** ARN part of a trail. */
export const trailPart = (name: string): string => `trail/${name}`
