import type { AccountId } from '@pileus/kernel/ids'
import type { Principal } from '@pileus/kernel/ports'

/** What the trail needs of object storage, where it delivers to. */
export interface TrailDestinations {
  findBucket(name: string): Promise<{ accountId: string; regionId: string } | undefined>
  /** Writes a whole object as its bucket's owner would, or as `writer` may. @throws ApiError when it is refused */
  putObject(object: {
    accountId: AccountId
    bucket: string
    key: string
    bytes: Buffer
    contentType: string
    writer?: Principal
  }): Promise<void>
}
