import { apiError } from '@pileus/kernel/errors'
import type { Trail } from './domain/trail.ts'
import { errors } from './errors.ts'
import type { TrailContext } from './operation.ts'
import { findTrail, lockTrail } from './tables/trails.ts'

/** @throws TrailNotFoundException */
export async function getTrail(ctx: TrailContext, name: string): Promise<Trail> {
  return found(await findTrail(ctx.db, { accountId: ctx.accountId, homeRegionId: ctx.regionId, name }), name)
}

/** Holds the trail until the end of the transaction. @throws TrailNotFoundException */
export async function getLockedTrail(ctx: TrailContext, name: string): Promise<Trail> {
  return found(await lockTrail(ctx.db, { accountId: ctx.accountId, homeRegionId: ctx.regionId, name }), name)
}

function found(trail: Trail | undefined, name: string): Trail {
  if (!trail) throw apiError(errors.TrailNotFoundException, { name })
  return trail
}
