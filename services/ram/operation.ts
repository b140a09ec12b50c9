import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { ExplainingAuthorizer } from './authorizer.ts'
import { type Freshness, ramChanged } from './freshness.ts'
import type { AccessKeyUses } from './key-uses.ts'

export interface RamExtras {
  readonly secretBox: SecretBox
  readonly freshness: Freshness
  readonly keyUses: AccessKeyUses
  readonly authorizer: Pick<ExplainingAuthorizer, 'explain'>
}

export type RamContext = OperationContext & RamExtras

export const { read, write } = operationsFor<RamContext>()

/** Ends every change: memories of it, here and in other processes, are no longer used. */
export async function announceChange(ctx: RamContext): Promise<void> {
  await ctx.wake(ramChanged)
  ctx.freshness.mistrust(ctx.accountId)
}
