import { say } from '@pileus/kernel/messages/text'
import { putsSetting } from '../bucket-settings.ts'
import { invalid } from '../domain/headers.ts'
import { allowOnly } from '../domain/xml.ts'
import { findValue } from '../domain/xml-values.ts'

/** An empty id puts the bucket back into the default group. */
export const PutBucketResourceGroup = putsSetting({
  name: 'PutBucketResourceGroup',
  subresource: 'resourceGroup',
  setting: 'resourceGroupId',
  root: 'BucketResourceGroupConfiguration',
  read(root) {
    allowOnly(root, 'ResourceGroupId')
    const id = findValue(root, 'ResourceGroupId') ?? ''
    if (id !== '' && !/^rg-[a-z0-9-]{1,60}$/.test(id)) {
      throw invalid('ResourceGroupId', id, say`ResourceGroupId begins with rg-, such as rg-acfmxexample.`)
    }
    return id
  },
})
