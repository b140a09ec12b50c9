import { getsSetting } from '../bucket-settings.ts'

export const GetBucketResourceGroup = getsSetting({
  name: 'GetBucketResourceGroup',
  subresource: 'resourceGroup',
  setting: 'resourceGroupId',
  root: 'BucketResourceGroupConfiguration',
  describe: (id) => ({ ResourceGroupId: id ?? '' }),
})
