import { say } from '@pileus/kernel/messages/text'
import { parseEncryption } from '../domain/encryption.ts'
import { findChild, findText, malformedXml } from '../domain/xml.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

/** What objects are encrypted with that say nothing themselves. Those that are there stay as they are. */
export const PutBucketEncryption = onBucket({
  name: 'PutBucketEncryption',
  route: { method: 'PUT', subresources: ['encryption'] },
  permission: 'oss:PutBucketEncryption',
  async run({ buckets, bucket }, request) {
    const root = await request.readXml('ServerSideEncryptionRule')
    const rule = findChild(root, 'ApplyServerSideEncryptionByDefault')
    const algorithm = rule && findText(rule, 'SSEAlgorithm')?.trim()
    if (!rule || !algorithm) throw malformedXml(say`it needs ApplyServerSideEncryptionByDefault with an SSEAlgorithm.`)
    const keyId = findText(rule, 'KMSMasterKeyID')?.trim()
    const value = parseEncryption(algorithm, keyId, findText(rule, 'KMSDataEncryption')?.trim())
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'encryption', value))
    return { status: 200 }
  },
})
