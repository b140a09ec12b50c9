import { putsSetting } from '../bucket-settings.ts'
import { allowOnly } from '../domain/xml.ts'
import { getWord } from '../domain/xml-values.ts'

/** Enforced by `request-rules.ts`. */
export const PutBucketRequestPayment = putsSetting({
  name: 'PutBucketRequestPayment',
  subresource: 'requestPayment',
  setting: 'requestPayment',
  root: 'RequestPaymentConfiguration',
  read(root) {
    allowOnly(root, 'Payer')
    return getWord(root, 'Payer', ['BucketOwner', 'Requester'] as const)
  },
})
