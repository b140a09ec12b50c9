import { objectError } from '@pileus/kernel/object-protocol'
import type { StoredObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import type { KeyContext } from './operation.ts'
import { findObject } from './tables/objects.ts'

/** The object itself, or what a symbolic link points to. @throws SymlinkTargetNotExist, InvalidTargetType */
export async function followSymlink({ store, bucket }: KeyContext, object: StoredObject): Promise<StoredObject> {
  if (object.type !== 'Symlink') return object
  const target = await findObject(store.pool, bucket.bucketId, object.meta.symlinkTarget ?? '')
  if (!target) throw objectError(errors.SymlinkTargetNotExist, { details: { Key: object.key } })
  if (target.type === 'Symlink') throw objectError(errors.InvalidTargetType)
  return target
}
