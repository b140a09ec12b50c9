/** Signatures of form policies: the policy's text is all that is signed. */

import { createHmac } from 'node:crypto'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { isSameSignature } from '../../signatures/signed-request.ts'
import type { Address } from '../address.ts'
import { ossErrors } from '../errors.ts'
import { readExpiration } from '../post-form.ts'
import type { ObjectSignature } from './signable.ts'
import { parseCredential, signingKeyOf } from './v4.ts'

/** Undefined for a form without a signature. @throws InvalidArgument, InvalidPolicyDocument */
export function readFormSignature(fields: ReadonlyMap<string, string>, address: Address): ObjectSignature | undefined {
  const v1Key = fields.get('ossaccesskeyid') ?? fields.get('awsaccesskeyid')
  const isOssV4 = fields.get('x-oss-signature-version') === 'OSS4-HMAC-SHA256'
  const isS3V4 = fields.get('x-amz-algorithm') === 'AWS4-HMAC-SHA256'
  if (v1Key === undefined && !isOssV4 && !isS3V4) return undefined
  const policy = fields.get('policy')
  if (policy === undefined) throw refuse(say`A signed form needs the field policy.`)
  const shared = {
    where: 'query',
    securityToken: fields.get('x-oss-security-token') ?? fields.get('x-amz-security-token'),
    signedAt: undefined,
    startsAt: undefined,
    expiresAt: readExpiration(policy),
    stringToSign: policy,
  } as const
  if (v1Key !== undefined) {
    const signature = fields.get('signature') ?? ''
    return {
      ...shared,
      scheme: fields.has('ossaccesskeyid') ? 'oss-v1' : 's3-v2',
      accessKeyId: v1Key,
      regionId: undefined,
      signature,
      match: (secret) =>
        isSameSignature(signature, createHmac('sha1', secret).update(policy).digest('base64'))
          ? { address }
          : undefined,
    }
  }
  const scheme = isOssV4 ? 'oss-v4' : 's3-v4'
  const prefix = isOssV4 ? 'x-oss-' : 'x-amz-'
  const signature = fields.get(`${prefix}signature`) ?? ''
  const { accessKeyId, region, scope } = parseCredential(scheme, fields.get(`${prefix}credential`) ?? '')
  return {
    ...shared,
    scheme,
    accessKeyId,
    regionId: region,
    signature,
    match(secret) {
      const expected = createHmac('sha256', signingKeyOf(scheme, secret, scope))
        .update(policy)
        .digest('hex')
      return isSameSignature(signature, expected) ? { address } : undefined
    },
  }
}

function refuse(reason: Text) {
  return objectError(ossErrors.InvalidArgument, { facts: { reason } })
}
