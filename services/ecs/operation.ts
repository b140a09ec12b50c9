import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { Authorizer } from '@pileus/kernel/ports'
import type { KmsPort } from '@pileus/kms/port'
import type { RamPort } from '@pileus/ram/port'
import type { VpcPort } from '@pileus/vpc/port'
import type { EcsPort } from './port.ts'

/** What ECS operations are given. */
export interface EcsContext extends OperationContext {
  readonly vpc: VpcPort
  readonly kms: KmsPort
  readonly ecs: EcsPort
  readonly ram: RamPort
  /** Asked about keys of disks, which only the running operation knows. */
  readonly authorizer: Authorizer
}

export const { read, write } = operationsFor<EcsContext>()
