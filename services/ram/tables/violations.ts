/** Whether `error` is PostgreSQL refusing a second row under the unique constraint of this name. */
export function violatesUnique(error: unknown, constraint: string): boolean {
  const { code, constraint: named } = (error ?? {}) as { code?: unknown; constraint?: unknown }
  return code === '23505' && named === constraint
}
