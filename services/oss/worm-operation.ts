/** The change of a bucket's retention policy that each of its operations is. */
import { randomBytes } from 'node:crypto'
import type { XmlElement } from '@pileus/kernel/object-protocol'
import { objectError } from '@pileus/kernel/object-protocol'
import { currentWorm, maxRetentionDays, type Worm } from './domain/worm.ts'
import { allowOnly } from './domain/xml.ts'
import { getWhole } from './domain/xml-values.ts'
import { errors } from './errors.ts'
import type { BucketContext } from './operation.ts'
import { lockBucketSetting, setBucketSetting } from './tables/buckets.ts'

/** Whole days. @throws MalformedXML */
export function readRetentionDays(root: XmlElement): number {
  allowOnly(root, 'RetentionPeriodInDays')
  return getWhole(root, 'RetentionPeriodInDays', 1, maxRetentionDays)
}

/** Gives `change` the policy as it is now, under a lock, and keeps what it answers. */
export async function changeWorm(
  { buckets, bucket, clock }: Pick<BucketContext, 'buckets' | 'bucket' | 'clock'>,
  change: (before: Worm | undefined) => Worm | undefined,
): Promise<void> {
  await buckets.change(bucket.name, async (db) => {
    const before = currentWorm(await lockBucketSetting(db, bucket.bucketId, 'worm'), clock.now())
    await setBucketSetting(db, bucket.bucketId, 'worm', change(before))
  })
}

/** @throws NoSuchWORMConfiguration unless this is the policy's id */
export function getWorm({ bucket }: Pick<BucketContext, 'bucket'>, before: Worm | undefined, wormId?: string): Worm {
  if (before && (wormId === undefined || before.wormId === wormId)) return before
  throw objectError(errors.NoSuchWORMConfiguration, { details: { BucketName: bucket.name } })
}

/** 32 upper-case hex digits. */
export function newWormId(): string {
  return randomBytes(16).toString('hex').toUpperCase()
}
