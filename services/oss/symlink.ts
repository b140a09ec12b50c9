import { objectError } from '@pileus/kernel/object-protocol'
import type { StoredObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import type { KeyContext } from './operation.ts'
import { GetObject } from './operations/GetObject.ts'
import { findObject } from './tables/objects.ts'

/**
 * The object itself, or what a symbolic link points to. Nothing was asked about the target when the link was made, so
 * whoever follows it needs a right to the target too.
 * @throws SymlinkTargetNotExist, InvalidTargetType, AccessDenied
 */
export async function followSymlink(context: KeyContext, object: StoredObject): Promise<StoredObject> {
  if (object.type !== 'Symlink') return object
  const { store, bucket } = context
  const key = object.meta.symlinkTarget ?? ''
  await context.mayAlso(GetObject, { bucket: bucket.name, key })
  const target = await findObject(store.pool, bucket.bucketId, key)
  if (!target) throw objectError(errors.SymlinkTargetNotExist, { details: { Key: object.key } })
  if (target.type === 'Symlink') throw objectError(errors.InvalidTargetType)
  return target
}
