import * as contract from '@pileus/contract/generated/kms'
import { read } from '../operation.ts'

/** KMS needs no opening here: it is there for every account. */
export const DescribeAccountKmsStatus = read(contract.DescribeAccountKmsStatus, {
  permission: 'kms:DescribeAccountKmsStatus',
  places: 'nowhere',
  async run() {
    return { AccountStatus: 'Enabled' }
  },
})
