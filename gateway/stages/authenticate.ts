import type { Clock } from '@pileus/kernel/clock'
import { apiError, assertNever } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import type { CredentialLookup, CredentialSource, NonceSource } from '@pileus/kernel/ports'
import { gatewayErrors } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { readAcs3 } from '../signatures/acs3.ts'
import { readRoaV1 } from '../signatures/roa-v1.ts'
import { readRpcV1 } from '../signatures/rpc-v1.ts'
import type { SignedRequest } from '../signatures/signed-request.ts'
import { allowedSkewMs, checkSkew } from '../signatures/timestamps.ts'

/** Verifies the signature: who calls, and that nobody altered the request on the way. */
export function authenticate(credentials: CredentialSource, clock: Clock) {
  return (exchange: Exchange): void | Promise<void> => {
    const signed = readSignature(exchange)
    if (!signed) {
      if (typeof exchange.operation?.rules.permission !== 'object') throw apiError(gatewayErrors.MissingAccessKeyId)
      exchange.principal = { kind: 'anonymous', accountId: '' as AccountId, accessKeyId: '' }
      return
    }
    exchange.signed = signed
    checkSkew(signed.timestamp, signed.signedAt, clock.now())
    const lookup = credentials.findCredential(signed.accessKeyId, signed.securityToken)
    if (lookup instanceof Promise) return lookup.then((found) => judge(exchange, signed, found))
    judge(exchange, signed, lookup)
  }
}

function readSignature(exchange: Exchange): SignedRequest | undefined {
  switch (exchange.protocol) {
    case 'rpc-v1':
      return readRpcV1(exchange.http.method, exchange.parameters)
    case 'acs3':
      return readAcs3(exchange.http, exchange.query)
    case 'roa-v1':
      return readRoaV1(exchange.http, exchange.query)
    case 'unsigned':
      return undefined
    default:
      return assertNever(exchange.protocol)
  }
}

function judge(exchange: Exchange, signed: SignedRequest, lookup: CredentialLookup): void {
  const accessKeyId = signed.accessKeyId.slice(0, 128)
  switch (lookup.kind) {
    case 'unknown':
      throw apiError(gatewayErrors['InvalidAccessKeyId.NotFound'], { accessKeyId })
    case 'inactive':
      throw apiError(gatewayErrors['InvalidAccessKeyId.Inactive'], { accessKeyId })
    case 'token':
      throw apiError(tokenErrors[lookup.problem], { accessKeyId })
    case 'found':
      if (!signed.matches(lookup.secret)) {
        throw apiError(gatewayErrors.SignatureDoesNotMatch, {
          stringToSign: signed.stringToSign.slice(0, maxShownStringToSign),
        })
      }
      exchange.principal = lookup.principal
      return
    default:
      assertNever(lookup)
  }
}

/** What a megabyte of body becomes when it is encoded twice need not travel back to whoever sent it. */
const maxShownStringToSign = 65_536

const tokenErrors = {
  missing: gatewayErrors.MissingSecurityToken,
  malformed: gatewayErrors['InvalidSecurityToken.Malformed'],
  mismatch: gatewayErrors['InvalidSecurityToken.MismatchWithAccessKey'],
  expired: gatewayErrors['InvalidSecurityToken.Expired'],
} as const

/** Refuses a nonce that was used before. Comes after the signature, so that nobody burns another's nonces. */
export function refuseReplay(nonces: NonceSource) {
  return async ({ signed }: Exchange): Promise<void> => {
    if (!signed) return
    // The database would not store others, and a refused row takes its whole batch with it.
    if (!/^[\x20-\x7e]{1,256}$/.test(signed.nonce)) {
      throw apiError(gatewayErrors.IncompleteSignature, {
        reason: say`a nonce has 1 to 256 printable ASCII characters.`,
      })
    }
    // Until then the timestamp would still be accepted.
    const validUntil = new Date(signed.signedAt.getTime() + allowedSkewMs + 1_000)
    if (!(await nonces.claimNonce(signed.accessKeyId, signed.nonce, validUntil))) {
      throw apiError(gatewayErrors.SignatureNonceUsed)
    }
  }
}
