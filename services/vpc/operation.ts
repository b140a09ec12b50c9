import { type OperationContext, operationsFor } from '@pileus/kernel/operation'

/** This product needs nothing of its neighbours: others come to it. */
export type VpcContext = OperationContext

export const { read, write } = operationsFor<VpcContext>()
