import { poolTopic } from './domain/wake-topics.ts'
import type { EcsContext } from './operation.ts'

/** Tells the agents of these pools, once the transaction has committed, that something is desired of them. */
export async function wakeMachines(ctx: Pick<EcsContext, 'wake'>, poolIds: readonly string[]): Promise<void> {
  for (const poolId of new Set(poolIds)) await ctx.wake(poolTopic(poolId))
}
