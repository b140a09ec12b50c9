/** Data keys of objects: each object has its own, wrapped by KMS and kept in the object's row. */
import { ApiError } from '@pileus/kernel/errors'
import { objectError } from '@pileus/kernel/object-protocol'
import type { Authorizer, Principal } from '@pileus/kernel/ports'
import type { KeyPlace, KmsPort } from '@pileus/kms/port'
import type { Bucket } from './domain/bucket.ts'
import type { EncryptionWish } from './domain/encryption.ts'
import type { ObjectEncryption } from './domain/stored-object.ts'
import { errors } from './errors.ts'

export interface ObjectKeys {
  /**
   * A new data key for an object; fill it with zeros after use.
   * @throws AccessDenied when the customer's key may not be used, ServiceUnavailable when the region's key is away
   */
  create(bucket: Bucket, key: string, wish: EncryptionWish): Promise<{ dataKey: Buffer; encryption: ObjectEncryption }>
  /** @throws as `create` */
  open(bucketId: number, key: string, encryption: ObjectEncryption): Promise<Buffer>
}

/** Keys that the customer named are used in the name of the caller; `principal` is undefined for the platform itself. */
export function createObjectKeys(
  { kms, authorizer }: { kms: KmsPort; authorizer: Authorizer },
  principal: Principal | undefined,
): ObjectKeys {
  const mayUse = async (place: KeyPlace, keyId: string, action: string): Promise<void> => {
    if (!principal) return
    const resource = `acs:kms:${place.regionId}:${place.accountId}:key/${keyId}`
    const decision = await authorizer.authorize({ principal, action, resources: [resource], conditions: {} })
    if (decision.kind === 'allowed') return
    const reason = `You are not authorized to do ${action} on ${resource}, the key of this object.`
    throw objectError(errors.AccessDenied, { facts: { reason } })
  }
  return {
    create: (bucket, key, wish) =>
      answering(async () => {
        const place = { accountId: bucket.accountId as KeyPlace['accountId'], regionId: bucket.regionId }
        const keyId = wish.keyId ?? (await kms.ensureServiceKey(place, 'oss'))
        const made = await kms.createDataKey(place, keyId, contextOf(bucket.bucketId, key))
        if (wish.keyId !== undefined) await mayUse(place, made.keyId, 'kms:GenerateDataKey')
        const encryption: ObjectEncryption = {
          algorithm: wish.algorithm,
          ...(wish.algorithm === 'KMS' ? { keyId: made.keyId } : {}),
          ...(wish.dataEncryption ? { dataEncryption: wish.dataEncryption } : {}),
          isOwnKey: wish.keyId !== undefined,
          place,
          wrapped: made.wrapped.toString('base64'),
        }
        return { dataKey: made.plaintext, encryption }
      }),
    open: (bucketId, key, { place, wrapped, keyId, isOwnKey }) =>
      answering(async () => {
        const owner = { ...place, accountId: place.accountId as KeyPlace['accountId'] }
        if (isOwnKey && keyId !== undefined) await mayUse(owner, keyId, 'kms:Decrypt')
        return await kms.unwrapDataKey(owner, Buffer.from(wrapped, 'base64'), contextOf(bucketId, key))
      }),
  }
}

/** An object's key opens no other object. */
function contextOf(bucketId: number, key: string): Record<string, string> {
  return { 'acs:oss:bucket-id': String(bucketId), 'acs:oss:key': key }
}

/** Says in the words of OSS why a key cannot be used. */
async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof ApiError) || !isOfKms(cause.code)) throw cause
    if (cause.httpStatus === 503) throw objectError(errors.KmsUnavailable, { facts: { reason: cause.message }, cause })
    const reason = `The key of the object cannot be used (${cause.code}): ${cause.message}`
    throw objectError(errors.AccessDenied, { facts: { reason }, cause })
  }
}

function isOfKms(code: string): boolean {
  return /^(Forbidden|Rejected)\.|^UnsupportedOperation$|^InvalidParameter$/.test(code)
}
