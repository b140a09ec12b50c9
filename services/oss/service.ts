import type { Clock } from '@pileus/kernel/clock'
import { type ByteStore, CorruptBytesError, MissingBytesError } from '@pileus/kernel/fabric/bytes'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import { type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import type { Service } from '@pileus/kernel/operation'
import type { Authorizer } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import { createAccess } from './access.ts'
import { rememberBuckets } from './buckets.ts'
import type { PolicyJudge } from './domain/bucket-policy.ts'
import { errors } from './errors.ts'
import { ossMigrations } from './migrations.ts'
import type { BoundOperation } from './operation.ts'
import { operations } from './operations.ts'
import { createGarbageReconciler, createSweepReconciler } from './reconcilers/garbage.ts'

export interface OssParts {
  store: Store
  bytes: ByteStore
  clock: Clock
  hosted: HostedRegions
  wakes: Pick<WakeListener, 'on'>
  authorizer: Authorizer
  /** Judges the statements of bucket policies. */
  judge: PolicyJudge
  log: Log
}

export interface OssService extends Service {
  /** What the gateway calls. */
  readonly objects: ObjectService
  /** Stops listening for changes. The byte store is the caller's. */
  close(): void
}

export function createOssService(parts: OssParts): OssService {
  const { store, bytes, clock, hosted, log, wakes, authorizer, judge } = parts
  const buckets = rememberBuckets(store, wakes)
  const access = createAccess({ store, authorizer, judge })
  const objects: ObjectService = {
    operations,
    findBucket: (name) => buckets.find(name),
    authorize(question) {
      const { request, operation } = question
      if (request.bucket === undefined || operation.createsBucket) return access(question, undefined)
      const found = buckets.find(request.bucket)
      return found instanceof Promise ? found.then((one) => access(question, one)) : access(question, found)
    },
    async run(operation, request, principal) {
      const found = request.bucket === undefined ? undefined : buckets.find(request.bucket)
      const bucket = found instanceof Promise ? await found : found
      if (!bucket && !operation.createsBucket && request.bucket !== undefined) {
        throw objectError(errors.NoSuchBucket, { details: { BucketName: request.bucket } })
      }
      const context = { store, bytes, buckets, clock, hosted, log, principal, judge, bucket, key: request.key }
      try {
        return await (operation as BoundOperation).run(context, request)
      } catch (error) {
        if (!(error instanceof CorruptBytesError || error instanceof MissingBytesError)) throw error
        log.error({ err: error, bucket: request.bucket, key: request.key }, 'the bytes of an object cannot be read')
        throw objectError(errors.InternalError, { facts: { requestId: request.requestId }, cause: error })
      }
    },
  }
  return {
    product: 'Oss',
    operations: [],
    migrations: ossMigrations,
    reconcilers: [createGarbageReconciler({ store, bytes, log }), createSweepReconciler({ store, bytes, log })],
    objects,
    close: () => buckets.close(),
  }
}
