import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { RamPort } from '@pileus/ram/port'

export type ImsContext = OperationContext & { readonly ram: RamPort }

export const { read, write } = operationsFor<ImsContext>()
