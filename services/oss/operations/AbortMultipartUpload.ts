import { onObject } from '../operation.ts'
import { findUpload, removeUpload } from '../tables/uploads.ts'
import { inTransaction } from '../transaction.ts'
import { noSuchUpload } from './UploadPart.ts'

export const AbortMultipartUpload = onObject({
  name: 'AbortMultipartUpload',
  route: { method: 'DELETE', subresources: ['uploadId'] },
  permission: 'oss:AbortMultipartUpload',
  acl: 'write',
  async run({ store, bucket, key }, { query }) {
    const uploadId = query.get('uploadId') ?? ''
    if (uploadId.includes('\0')) throw noSuchUpload(uploadId)
    await inTransaction(store, async (db) => {
      if (!(await findUpload(db, bucket.bucketId, key, uploadId, 'for update'))) throw noSuchUpload(uploadId)
      await removeUpload(db, uploadId, [])
    })
    return { status: 204 }
  },
})
