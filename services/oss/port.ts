import type { AccountId } from '@pileus/kernel/ids'
import type { BucketPlace } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'

export type { ObjectService } from '@pileus/kernel/object-protocol'

/** What other products may ask of object storage. */
export interface OssPort {
  findBucket(name: string): Promise<BucketPlace | undefined>
  /**
   * Writes a whole object as the owner of its bucket would, or as `writer` may.
   * @throws ApiError when the bucket, the residency gate or the writer's permissions refuse
   */
  putObject(object: {
    accountId: AccountId
    bucket: string
    /** Valid, as customers' keys are. */
    key: string
    bytes: Buffer
    contentType: string
    /** A session of a role that was opened for this; what it may do is asked. */
    writer?: Principal
    /** More headers of PutObject, in lower case. */
    headers?: Readonly<Record<string, string>>
  }): Promise<void>
}
