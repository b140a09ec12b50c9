import { type OperationContext, operationsFor } from '@pileus/kernel/operation'

export const { read } = operationsFor<OperationContext>()
