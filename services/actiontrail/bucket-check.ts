import { apiError } from '@pileus/kernel/errors'
import { errors } from './errors.ts'
import type { TrailContext } from './operation.ts'

/** Another account's bucket is told of as one that does not exist. @throws BucketDoesNotExistException */
export async function checkBucket(ctx: TrailContext, bucket: string): Promise<void> {
  const found = await ctx.destinations.findBucket(bucket)
  if (found?.accountId !== ctx.accountId) throw apiError(errors.BucketDoesNotExistException, { bucket })
}
