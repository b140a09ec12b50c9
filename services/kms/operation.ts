import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { Authorizer } from '@pileus/kernel/ports'
import type { RegionKeys } from '@pileus/kernel/region-keys'
import type { PolicyJudge } from './domain/key-policy.ts'

export interface KmsExtras {
  readonly regionKeys: RegionKeys
  readonly judge: PolicyJudge
  /** Asks key policies as well. */
  readonly authorizer: Authorizer
}

export type KmsContext = OperationContext & KmsExtras

export const { read, write } = operationsFor<KmsContext>()
