import { createHmac } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { gatewayErrors } from '../errors.ts'
import { percentEncode } from '../protocols/percent.ts'
import { isSameSignature, type SignedRequest } from './signed-request.ts'
import { parseIsoTimestamp } from './timestamps.ts'

const hashes: Readonly<Record<string, string>> = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' }

/**
 * RPC signature version 1: HMAC over method and the sorted parameters of query and form together.
 * @see docs/sources.md#signatures
 */
export function readRpcV1(method: string, parameters: ReadonlyMap<string, string>): SignedRequest {
  const signatureMethod = parameters.get('SignatureMethod') ?? 'HMAC-SHA1'
  const hash = hashes[signatureMethod.toUpperCase()]
  if (!hash) {
    const accepted = Object.keys(hashes).join(', ')
    throw apiError(gatewayErrors.InvalidSignatureMethod, { method: signatureMethod.slice(0, 64), accepted })
  }
  const timestamp = required(parameters, 'Timestamp')
  const signature = required(parameters, 'Signature')
  const stringToSign = rpcV1StringToSign(method, parameters)
  return {
    accessKeyId: required(parameters, 'AccessKeyId'),
    securityToken: parameters.get('SecurityToken') || undefined,
    nonce: required(parameters, 'SignatureNonce'),
    timestamp,
    signedAt: parseIsoTimestamp(timestamp),
    stringToSign,
    matches(secret) {
      return isSameSignature(signature, createHmac(hash, `${secret}&`).update(stringToSign).digest('base64'))
    },
  }
}

/** Method, `/` and the sorted parameters, each percent-encoded once more. */
export function rpcV1StringToSign(method: string, parameters: ReadonlyMap<string, string>): string {
  const names = [...parameters.keys()].filter((name) => name !== 'Signature').sort(byBytes)
  const canonical = names.map((name) => `${percentEncode(name)}=${percentEncode(parameters.get(name) ?? '')}`).join('&')
  return `${method}&%2F&${percentEncode(canonical)}`
}

/** Byte order of UTF-8, which differs from that of UTF-16 outside the basic plane. */
export function byBytes(a: string, b: string): number {
  return a < b
    ? isBasic(a) && isBasic(b)
      ? -1
      : Buffer.compare(Buffer.from(a), Buffer.from(b))
    : a === b
      ? 0
      : -byBytes(b, a)
}

function isBasic(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text)
}

function required(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (!value) throw apiError(gatewayErrors.IncompleteSignature, { reason: say`the parameter ${name} is missing.` })
  return value
}
