import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { RamPort } from '@pileus/ram/port'
import { operations } from './operations.ts'

export function createStsService({ ram }: { ram: RamPort }): Service {
  return { product: 'Sts', operations: bindOperations(operations, { ram }), migrations: [], reconcilers: [] }
}
