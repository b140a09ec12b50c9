import { onBucket } from '../operation.ts'

/** Regions of this installation. What the law says about each is asked when a rule is put. */
export const GetBucketReplicationLocation = onBucket({
  name: 'GetBucketReplicationLocation',
  route: { method: 'GET', subresources: ['replicationLocation'] },
  permission: 'oss:GetBucketReplicationLocation',
  async run({ bucket, hosted }) {
    const locations = hosted.regions.map((region) => `oss-${region.id}`)
    const others = locations.filter((location) => location !== `oss-${bucket.regionId}`)
    const value = {
      Location: locations,
      LocationTransferTypeConstraint: {
        LocationTransferType: others.map((Location) => ({
          Location,
          TransferTypes: { Type: ['internal', 'oss_acc'] },
        })),
      },
      LocationRTCConstraint: { Location: others },
    }
    return { status: 200, body: { kind: 'xml', root: 'ReplicationLocation', value } }
  },
})
