import type { AnyOperation } from '@pileus/kernel/operation'
import type { RamContext } from './operation.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<RamContext>[] = []
