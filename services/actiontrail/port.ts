import type { AccountId } from '@pileus/kernel/ids'

/** What the trail needs of object storage, where it delivers to. */
export interface TrailDestinations {
  findBucket(name: string): Promise<{ accountId: string; regionId: string } | undefined>
  /** Writes a whole object as its bucket's owner would. @throws ApiError when the bucket refuses */
  putObject(object: {
    accountId: AccountId
    bucket: string
    key: string
    bytes: Buffer
    contentType: string
  }): Promise<void>
}
