/** What other products ask of keys: they encrypt data with data keys, and keep those only as this product wrapped them. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'

/** Whose key, and where. */
export interface KeyPlace {
  accountId: AccountId
  regionId: string
}

export interface DataKey {
  /** 32 bytes. Overwrite it with zeros once it is not needed. */
  plaintext: Buffer
  /** The data key under the customer's key: opaque, under 500 bytes, safe to keep with the data. */
  wrapped: Buffer
  /** Id of the customer's key, never an alias. */
  keyId: string
}

export interface KmsPort {
  /**
   * A fresh data key under a key of the account, named by id, ARN or alias. `context` is bound to it: unwrapping asks
   * for the same. `db` is the caller's transaction, where there is one.
   * @throws ApiError Forbidden.KeyNotFound, Rejected.Disabled, Rejected.PendingDeletion, UnsupportedOperation
   */
  createDataKey(place: KeyPlace, keyId: string, context: Readonly<Record<string, string>>, db?: Db): Promise<DataKey>
  /**
   * Gives back the plaintext of a data key. Asks for the key each time, so a key that was disabled helps nobody.
   * @throws ApiError as `createDataKey`, InvalidParameter when the wrapped key was altered or the context differs
   */
  unwrapDataKey(place: KeyPlace, wrapped: Buffer, context: Readonly<Record<string, string>>): Promise<Buffer>
  /** Id of the key that `service` uses in this account and region when the customer names none; made when missing. */
  ensureServiceKey(place: KeyPlace, service: 'oss' | 'ecs', db?: Db): Promise<string>
}
