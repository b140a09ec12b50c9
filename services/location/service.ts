import type { Service } from '@pileus/kernel/operation'
import { operations } from './operations.ts'

/** Tells clients where each product answers. */
export function createLocationService(): Service {
  return { product: 'Location', operations, migrations: [], reconcilers: [] }
}
