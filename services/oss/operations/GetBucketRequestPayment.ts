import { onBucket } from '../operation.ts'

/** Owners pay for all requests. Setting it answers NotImplemented. */
export const GetBucketRequestPayment = onBucket({
  name: 'GetBucketRequestPayment',
  route: { method: 'GET', subresources: ['requestPayment'] },
  permission: 'oss:GetBucketRequestPayment',
  run: async () => ({
    status: 200,
    body: { kind: 'xml', root: 'RequestPaymentConfiguration', value: { Payer: 'BucketOwner' } },
  }),
})
