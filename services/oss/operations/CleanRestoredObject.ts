import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { getTarget, versionHeader, versionOf } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { updateVersion } from '../tables/objects.ts'

/** Gives a thawed copy up before its days are over. */
export const CleanRestoredObject = onObject({
  name: 'CleanRestoredObject',
  route: { method: 'POST', subresources: ['cleanRestoredObject'] },
  permission: 'oss:CleanRestoredObject',
  async run(context, request) {
    const { store, bucket, key, clock } = context
    const object = await getTarget(context, request)
    if (object.storageClass !== 'ColdArchive' && object.storageClass !== 'DeepColdArchive') {
      const reason = 'only objects of the classes ColdArchive and DeepColdArchive have a thawed copy to give up.'
      throw objectError(errors.OperationNotSupported, { facts: { reason } })
    }
    const now = clock.now()
    const { restore } = object
    if (!restore || new Date(restore.until) <= now) throw objectError(errors.ArchiveRestoreFileStale)
    if (new Date(restore.readyAt) > now) throw objectError(errors.ArchiveRestoreNotFinished)
    await updateVersion(store.pool, bucket.bucketId, key, versionOf(request), { restore: null })
    return { status: 200, headers: versionHeader(context, object) }
  },
})
