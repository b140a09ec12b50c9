import type { AnyOperation } from '@pileus/kernel/operation'

/** The operations that this installation implements. */
export interface Registry {
  find(product: string, version: string, action: string): AnyOperation | undefined
  /** Action names by `product version`. */
  implemented(): ReadonlyMap<string, ReadonlySet<string>>
}

/** @throws Error when two operations claim one action. */
export function createRegistry(operations: Iterable<AnyOperation>): Registry {
  const byKey = new Map<string, AnyOperation>()
  const names = new Map<string, Set<string>>()
  for (const operation of operations) {
    const { product, version, name } = operation.ref
    const key = keyOf(product, version, name)
    if (byKey.has(key)) throw new Error(`${product} ${version} ${name} is implemented twice`)
    byKey.set(key, operation)
    const productKey = `${product} ${version}`
    names.set(productKey, (names.get(productKey) ?? new Set()).add(name))
  }
  return {
    find: (product, version, action) => byKey.get(keyOf(product, version, action)),
    implemented: () => names,
  }
}

function keyOf(product: string, version: string, action: string): string {
  return `${product} ${version} ${action}`.toLowerCase()
}
