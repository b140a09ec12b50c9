import { randomBytes } from 'node:crypto'
import { objectError } from '@pileus/kernel/object-protocol'
import { encryptionHeaders } from '../domain/encryption.ts'
import { readEncoding } from '../domain/list-parameters.ts'
import { errors } from '../errors.ts'
import { readObjectFacts } from '../object-facts.ts'
import { onObject } from '../operation.ts'
import { dataKeyFor, withEncryption } from '../stored-bytes.ts'
import { insertUpload } from '../tables/uploads.ts'

export const InitiateMultipartUpload = onObject({
  name: 'InitiateMultipartUpload',
  route: { method: 'POST', subresources: ['uploads'] },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bucket, key, clock } = context
    const { encode, EncodingType } = readEncoding(request.query)
    const keyed = await dataKeyFor(context, request)
    keyed?.dataKey.fill(0)
    const { acl, ...rest } = withEncryption(readObjectFacts(bucket, request), { encryption: keyed?.encryption })
    const facts = { ...rest, ...(acl ? { acl } : {}), isSequential: request.query.has('sequential') }
    const uploadId = randomBytes(16).toString('hex').toUpperCase()
    if (!(await insertUpload(store.pool, bucket.bucketId, { uploadId, key, facts, initiatedAt: clock.now() }))) {
      throw objectError(errors.NoSuchBucket, { details: { BucketName: bucket.name } })
    }
    const value = { Bucket: bucket.name, Key: encode(key), UploadId: uploadId, EncodingType }
    const headers = encryptionHeaders(keyed?.encryption)
    return { status: 200, headers, body: { kind: 'xml', root: 'InitiateMultipartUploadResult', value } }
  },
})
