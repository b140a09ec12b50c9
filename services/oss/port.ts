import type { AccountId } from '@pileus/kernel/ids'
import type { BucketPlace } from '@pileus/kernel/object-protocol'

export type { ObjectService } from '@pileus/kernel/object-protocol'

/** What other products may ask of object storage. */
export interface OssPort {
  findBucket(name: string): Promise<BucketPlace | undefined>
  /** Writes a whole object as the owner of its bucket would. @throws ApiError when the bucket refuses */
  putObject(object: {
    accountId: AccountId
    bucket: string
    /** Valid, as customers' keys are. */
    key: string
    bytes: Buffer
    contentType: string
    /** More headers of PutObject, in lower case. */
    headers?: Readonly<Record<string, string>>
  }): Promise<void>
}
