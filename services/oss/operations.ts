import type { BoundOperation } from './operation.ts'
import { DeleteBucket } from './operations/DeleteBucket.ts'
import { DeleteObject } from './operations/DeleteObject.ts'
import { GetObject } from './operations/GetObject.ts'
import { GetObjectMeta } from './operations/GetObjectMeta.ts'
import { HeadBucket } from './operations/HeadBucket.ts'
import { HeadObject } from './operations/HeadObject.ts'
import { ListBuckets } from './operations/ListBuckets.ts'
import { ListObjects } from './operations/ListObjects.ts'
import { ListObjectsV2 } from './operations/ListObjectsV2.ts'
import { PutBucket } from './operations/PutBucket.ts'
import { PutObject } from './operations/PutObject.ts'

/** Every operation of object storage. */
export const operations: readonly BoundOperation[] = [
  ListBuckets,
  PutBucket,
  HeadBucket,
  DeleteBucket,
  ListObjects,
  ListObjectsV2,
  PutObject,
  GetObject,
  HeadObject,
  GetObjectMeta,
  DeleteObject,
]

/** Names of what is implemented, for docs/parity.md. */
export const implementedOssOperations: readonly string[] = operations.map((operation) => operation.name).sort()
