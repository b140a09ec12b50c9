import { getsSetting } from '../bucket-settings.ts'

export const GetBucketRequestPayment = getsSetting({
  name: 'GetBucketRequestPayment',
  subresource: 'requestPayment',
  setting: 'requestPayment',
  root: 'RequestPaymentConfiguration',
  describe: (payer) => ({ Payer: payer ?? 'BucketOwner' }),
})
