import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { kmsErrors } from '../errors.ts'

export type KeySpec = 'Aliyun_AES_256' | 'RSA_2048' | 'RSA_3072' | 'RSA_4096' | 'EC_P256' | 'EC_P256K'
export type KeyUsage = 'ENCRYPT/DECRYPT' | 'SIGN/VERIFY'
export type KeyOrigin = 'Aliyun_KMS' | 'EXTERNAL'

/** Usages of each spec; the first is what a key gets that names none. */
const usages = {
  Aliyun_AES_256: ['ENCRYPT/DECRYPT'],
  RSA_2048: ['ENCRYPT/DECRYPT', 'SIGN/VERIFY'],
  RSA_3072: ['ENCRYPT/DECRYPT', 'SIGN/VERIFY'],
  RSA_4096: ['ENCRYPT/DECRYPT', 'SIGN/VERIFY'],
  EC_P256: ['SIGN/VERIFY'],
  EC_P256K: ['SIGN/VERIFY'],
} as const satisfies Record<KeySpec, readonly KeyUsage[]>

export function isSymmetric(spec: KeySpec): boolean {
  return spec === 'Aliyun_AES_256'
}

export interface KeyKind {
  spec: KeySpec
  usage: KeyUsage
  origin: KeyOrigin
}

/** @throws InvalidParameter, UnsupportedOperation for what needs a hardware module */
export function parseKeyKind(request: {
  KeySpec?: string | undefined
  KeyUsage?: string | undefined
  Origin?: string | undefined
  ProtectionLevel?: string | undefined
  DKMSInstanceId?: string | undefined
}): KeyKind {
  if (request.ProtectionLevel !== undefined && request.ProtectionLevel !== 'SOFTWARE') {
    const reason = 'there is no hardware module for keys here; ProtectionLevel must be SOFTWARE.'
    throw apiError(kmsErrors.UnsupportedOperation, { reason })
  }
  if (request.DKMSInstanceId) {
    throw apiError(kmsErrors.UnsupportedOperation, {
      reason: say`there are no KMS instances here; omit DKMSInstanceId.`,
    })
  }
  const spec = request.KeySpec ?? 'Aliyun_AES_256'
  if (!(spec in usages)) {
    const reason = `KeySpec must be one of ${Object.keys(usages).join(', ')}, and is "${spec}".`
    throw apiError(kmsErrors.UnsupportedOperation, { reason })
  }
  const allowed: readonly string[] = usages[spec as KeySpec]
  const usage = request.KeyUsage ?? allowed[0]!
  if (!allowed.includes(usage)) {
    const reason = `a key of spec ${spec} is for ${allowed.join(' or ')}, not "${usage}".`
    throw apiError(kmsErrors.InvalidParameter, { parameter: 'KeyUsage', reason })
  }
  const origin = request.Origin ?? 'Aliyun_KMS'
  if (origin !== 'Aliyun_KMS' && origin !== 'EXTERNAL') {
    const reason = 'it must be Aliyun_KMS or EXTERNAL.'
    throw apiError(kmsErrors.InvalidParameter, { parameter: 'Origin', reason })
  }
  if (origin === 'EXTERNAL' && !isSymmetric(spec as KeySpec)) {
    const reason = 'material can be imported into keys of spec Aliyun_AES_256 only.'
    throw apiError(kmsErrors.UnsupportedOperation, { reason })
  }
  return { spec: spec as KeySpec, usage: usage as KeyUsage, origin }
}
