import type { Clock } from '@pileus/kernel/clock'
import { isoSeconds } from '@pileus/kernel/clock'
import { assertNever } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import type { CredentialLookup, CredentialSource } from '@pileus/kernel/ports'
import { allowedSkewMs } from '../../signatures/timestamps.ts'
import { ossErrors } from '../errors.ts'
import type { ObjectExchange } from '../exchange.ts'
import { checkPolicy } from '../post-form.ts'
import { readFormSignature } from '../signatures/form.ts'
import type { ObjectSignature, Signable } from '../signatures/signable.ts'
import { readV1Header, readV1Query } from '../signatures/v1.ts'
import { readV2Header, readV2Query } from '../signatures/v2.ts'
import { readV4Header, readV4Query } from '../signatures/v4.ts'

/** Verifies the signature: who calls, that nobody altered the request, and which of its readings is meant. */
export function authenticate(credentials: CredentialSource, clock: Clock) {
  return (exchange: ObjectExchange): void | Promise<void> => {
    const signature = readSignature(exchange)
    if (!signature) {
      exchange.principal = { kind: 'anonymous', accountId: '' as AccountId, accessKeyId: '' }
      return
    }
    exchange.signature = signature
    exchange.dialect = signature.scheme.startsWith('s3') ? 's3' : 'oss'
    checkTime(signature, clock.now())
    const lookup = credentials.findCredential(signature.accessKeyId, signature.securityToken)
    if (lookup instanceof Promise) return lookup.then((found) => judge(exchange, signature, found))
    judge(exchange, signature, lookup)
  }
}

function readSignature(exchange: ObjectExchange): ObjectSignature | undefined {
  const { headers } = exchange.incoming
  const signable: Signable = {
    method: exchange.method,
    headers,
    path: exchange.path,
    sentPath: exchange.sentPath,
    query: exchange.pairs,
    addresses: exchange.addresses,
  }
  if (exchange.form) return readFormSignature(exchange.form.fields, exchange.address)
  if (headers.authorization === undefined)
    return readV4Query(signable) ?? readV2Query(signable) ?? readV1Query(signable)
  const signature = readV4Header(signable) ?? readV2Header(signable) ?? readV1Header(signable)
  if (signature) return signature
  throw objectError(ossErrors.InvalidArgument, {
    facts: {
      reason: say`Authorization must be an OSS, OSS2, OSS4-HMAC-SHA256, AWS or AWS4-HMAC-SHA256 signature.`,
    },
  })
}

function checkTime(signature: ObjectSignature, now: Date): void {
  if (signature.expiresAt) {
    if (signature.expiresAt < now) {
      const details = { Expires: isoMillis(signature.expiresAt), ServerTime: isoMillis(now) }
      throw objectError(ossErrors.AccessDenied, { facts: { reason: say`Request has expired.` }, details })
    }
    if (signature.startsAt && signature.startsAt.getTime() > now.getTime() + allowedSkewMs)
      throw skewed(signature.startsAt, now)
    return
  }
  if (!signature.signedAt) {
    throw objectError(ossErrors.AccessDenied, {
      facts: { reason: say`The request needs a valid Date or x-oss-date header.` },
    })
  }
  if (Math.abs(signature.signedAt.getTime() - now.getTime()) > allowedSkewMs) throw skewed(signature.signedAt, now)
}

function skewed(signedAt: Date, now: Date) {
  return objectError(ossErrors.RequestTimeTooSkewed, {
    details: {
      MaxAllowedSkewMilliseconds: String(allowedSkewMs),
      RequestTime: isoMillis(signedAt),
      ServerTime: isoMillis(now),
    },
  })
}

function isoMillis(at: Date): string {
  return isoSeconds(at).replace('Z', '.000Z')
}

const tokenProblems = {
  missing: say`This access key is temporary, and needs its security token.`,
  malformed: say`The security token is not one of this cloud.`,
  mismatch: say`The security token belongs to another access key.`,
} as const

function judge(exchange: ObjectExchange, signature: ObjectSignature, lookup: CredentialLookup): void {
  const accessKeyId = signature.accessKeyId.slice(0, 128)
  switch (lookup.kind) {
    case 'unknown':
    case 'inactive':
      throw objectError(ossErrors.InvalidAccessKeyId, {
        facts: { accessKeyId },
        details: { OSSAccessKeyId: accessKeyId },
      })
    case 'token':
      if (lookup.problem === 'expired') throw objectError(ossErrors.SecurityTokenExpired)
      throw objectError(ossErrors.InvalidSecurityToken, { facts: { reason: tokenProblems[lookup.problem] } })
    case 'found': {
      const match = signature.match(lookup.secret)
      if (!match) throw mismatch(signature, accessKeyId)
      exchange.match = match
      exchange.address = match.address
      exchange.principal = lookup.principal
      checkRegion(signature, match.address.regionId)
      const { form, address } = exchange
      if (form) checkPolicy(form.fields.get('policy') ?? '', form, address.bucket ?? '')
      return
    }
    default:
      assertNever(lookup)
  }
}

/** A signature of version 4 is for one region, which the host may name too. */
function checkRegion({ scheme, where, regionId }: ObjectSignature, hostRegionId: string | undefined): void {
  if (scheme !== 'oss-v4' || hostRegionId === undefined || regionId === hostRegionId) return
  const reason =
    where === 'header'
      ? 'Invalid signing region in Authorization header.'
      : 'The signing region in credential is invalid.'
  throw objectError(ossErrors.InvalidArgument, {
    facts: { reason },
    details: { ArgumentName: 'region', ArgumentValue: (regionId ?? '').slice(0, 64), EC: '0002-00000226' },
  })
}

function mismatch(signature: ObjectSignature, accessKeyId: string) {
  const shown = signature.stringToSign.slice(0, 16_384)
  return objectError(ossErrors.SignatureDoesNotMatch, {
    details: {
      OSSAccessKeyId: accessKeyId,
      SignatureProvided: signature.signature.slice(0, 128),
      StringToSign: shown,
      StringToSignBytes: [...Buffer.from(shown)]
        .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
        .join(' '),
    },
  })
}
