import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeySpec } from './key-spec.ts'

export interface KeyMaterial {
  /** 32 bytes of a symmetric key, or the private key as PKCS #8 DER. */
  secret: Buffer
  /** PEM, of asymmetric keys. */
  publicKey?: string
}

const makePair = promisify(generateKeyPair)

export async function generateMaterial(spec: KeySpec): Promise<KeyMaterial> {
  if (spec === 'Aliyun_AES_256') return { secret: randomBytes(32) }
  const pair =
    spec === 'EC_P256' || spec === 'EC_P256K'
      ? await makePair('ec', { namedCurve: spec === 'EC_P256' ? 'P-256' : 'secp256k1' })
      : await makePair('rsa', { modulusLength: Number(spec.slice(4)), publicExponent: 0x10001 })
  return {
    secret: pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
