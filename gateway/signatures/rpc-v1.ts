import { createHmac } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
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
  const names = sortByBytes([...parameters.keys()].filter((name) => name !== 'Signature'))
  const canonical = names.map((name) => `${percentEncode(name)}=${percentEncode(parameters.get(name) ?? '')}`).join('&')
  return `${method}&%2F&${percentEncode(canonical)}`
}

/** Sorts in place by the bytes of UTF-8, whose order differs from that of UTF-16 only beyond the basic plane. */
export function sortByBytes(names: string[]): string[] {
  if (!names.some((name) => /[\ud800-\udfff]/.test(name))) return names.sort()
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function required(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (!value) throw apiError(gatewayErrors.IncompleteSignature, { reason: `the parameter ${name} is missing.` })
  return value
}
