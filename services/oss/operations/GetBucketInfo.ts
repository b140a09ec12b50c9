import { describeEncryption } from '../domain/encryption.ts'
import { xmlTime } from '../domain/times.ts'
import { onBucket } from '../operation.ts'

export const GetBucketInfo = onBucket({
  name: 'GetBucketInfo',
  route: { method: 'GET', subresources: ['bucketInfo'] },
  permission: 'oss:GetBucketInfo',
  async run({ bucket }) {
    const { settings } = bucket
    const value = {
      Bucket: {
        AccessMonitor: settings.accessMonitor ? 'Enabled' : 'Disabled',
        BlockPublicAccess: settings.blockPublicAccess ?? false,
        BucketPolicy: {
          LogBucket: settings.logging?.targetBucket ?? '',
          LogPrefix: settings.logging?.targetPrefix ?? '',
        },
        Comment: '',
        CreationDate: xmlTime(bucket.createdAt),
        CrossRegionReplication: settings.isReplicated ? 'Enabled' : 'Disabled',
        DataRedundancyType: bucket.redundancy,
        ExtranetEndpoint: `oss-${bucket.regionId}.aliyuncs.com`,
        IntranetEndpoint: `oss-${bucket.regionId}-internal.aliyuncs.com`,
        Location: `oss-${bucket.regionId}`,
        Name: bucket.name,
        ResourceGroupId: settings.resourceGroupId || undefined,
        ServerSideEncryptionRule: settings.encryption
          ? describeEncryption(settings.encryption)
          : { SSEAlgorithm: 'None' },
        StorageClass: bucket.storageClass,
        TransferAcceleration: settings.transferAcceleration ? 'Enabled' : 'Disabled',
        Versioning: bucket.versioning,
        Owner: { DisplayName: bucket.accountId, ID: bucket.accountId },
        AccessControlList: { Grant: bucket.acl },
      },
    }
    return { status: 200, body: { kind: 'xml', root: 'BucketInfo', value } }
  },
})
