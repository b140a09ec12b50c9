/**
 * Material that customers bring. The private half of the wrapping key travels inside the import token, sealed under
 * the region's root key, so that nothing has to be kept until the material comes.
 */

import { constants, createHmac, createPrivateKey, generateKeyPair, privateDecrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Db } from '@pileus/kernel/store/store'
import { invalid } from './domain/parameters.ts'
import { kmsErrors } from './errors.ts'
import { answering, refusePendingDeletion, sealMaterial, type Vault } from './keys.ts'
import { findKeyVersion, setMaterial, updateKey } from './tables/keys.ts'
import type { KeyRow } from './tables/schema.ts'

export type Wrapping = 'RSAES_PKCS1_V1_5' | 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256'

const wrappings: readonly string[] = ['RSAES_PKCS1_V1_5', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] satisfies Wrapping[]
const tokenMs = 24 * 3_600_000
const materialBytes = 32
const makePair = promisify(generateKeyPair)

interface Token {
  keyId: string
  wrapping: Wrapping
  /** Milliseconds since 1970. */
  expiresAtMs: number
  /** PKCS #8 DER, Base64. */
  privateKey: string
}

/** @throws InvalidParameter, UnsupportedOperation */
export function parseWrapping(algorithm: string, spec: string): Wrapping {
  if (spec !== 'RSA_2048') {
    throw apiError(kmsErrors.UnsupportedOperation, { reason: say`WrappingKeySpec must be RSA_2048.` })
  }
  if (!wrappings.includes(algorithm))
    throw invalid('WrappingAlgorithm', say`it must be one of ${wrappings.join(', ')}.`)
  return algorithm as Wrapping
}

/** Seconds since 1970; 0 or nothing: never. @throws InvalidParameter for a time that has passed */
export function parseExpiry(unixSeconds: number | undefined, now: Date): Date | null {
  if (!unixSeconds) return null
  if (unixSeconds * 1_000 <= now.getTime()) throw invalid('KeyMaterialExpireUnix', say`it must be in the future.`)
  return new Date(unixSeconds * 1_000)
}

/** @throws UnsupportedOperation, Rejected.PendingDeletion */
export function requireExternal(key: KeyRow): void {
  refusePendingDeletion(key)
  if (key.origin === 'EXTERNAL') return
  const reason = `the material of ${key.key_id} was made here; import is for keys of origin EXTERNAL.`
  throw apiError(kmsErrors.UnsupportedOperation, { reason })
}

export async function openImport(ctx: Vault & { clock: Clock }, key: KeyRow, wrapping: Wrapping) {
  const pair = await makePair('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  const expiresAt = new Date(ctx.clock.now().getTime() + tokenMs)
  const privateKey = pair.privateKey.toString('base64')
  const token: Token = { keyId: key.key_id, wrapping, expiresAtMs: expiresAt.getTime(), privateKey }
  const sealed = answering(() => ctx.regionKeys.seal(key.region_id, Buffer.from(JSON.stringify(token)), tokenContext))
  return { publicKey: pair.publicKey.toString('base64'), token: sealed.toString('base64'), expiresAt }
}

const tokenContext = 'import token'

/** @throws InvalidParameter, Rejected.ResourceExist when other material was imported before */
export async function importMaterial(
  ctx: Vault & { clock: Clock },
  key: KeyRow,
  given: { token: string; wrapped: Buffer; expiresAt: Date | null },
): Promise<void> {
  const token = readToken(ctx, key, given.token)
  if (token.expiresAtMs <= ctx.clock.now().getTime()) {
    throw invalid('ImportToken', say`it has expired; ask GetParametersForImport for another.`)
  }
  const material = unwrap(token, given.wrapped)
  const versionId = key.primary_version_id
  const digest = createHmac('sha256', material).update(`pileus imported material ${versionId}`).digest()
  const version = await findKeyVersion(ctx.db, key.key_id, versionId)
  const known = version?.imported_digest
  // What was encrypted stays readable only if the material is the same again; its digest is kept for that.
  if (known && !timingSafeEqual(Buffer.from(known, 'base64'), digest)) {
    const facts = { resource: 'key material of', name: key.key_id }
    throw apiError(kmsErrors['Rejected.ResourceExist'], facts)
  }
  await setMaterial(ctx.db, versionId, sealMaterial(ctx, key.region_id, versionId, material), digest.toString('base64'))
  const state = key.state === 'PendingImport' ? 'Enabled' : key.state
  await updateKey(ctx.db, key.key_id, { state, material_expires_at: given.expiresAt })
}

/** Afterwards the key waits for the same material. */
export async function removeMaterial(db: Db, key: KeyRow): Promise<void> {
  await setMaterial(db, key.primary_version_id, null)
  await updateKey(db, key.key_id, { state: 'PendingImport', material_expires_at: null })
}

function readToken({ regionKeys }: Vault, key: KeyRow, text: string): Token {
  let token: Token
  try {
    const box = Buffer.from(text, 'base64')
    token = JSON.parse(answering(() => regionKeys.open(key.region_id, box, tokenContext)).toString()) as Token
  } catch (error) {
    if (error instanceof Error && error.name === 'ApiError') throw error
    throw invalid('ImportToken', say`it is not one that GetParametersForImport answered.`)
  }
  if (token.keyId !== key.key_id) throw invalid('ImportToken', say`it is for another key.`)
  return token
}

function unwrap({ privateKey, wrapping }: Token, wrapped: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  let material: Buffer
  try {
    if (wrapping === 'RSAES_PKCS1_V1_5') {
      // Node 20 refuses this padding, so the frame is taken off here.
      material = unframe(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, wrapped))
    } else {
      const oaepHash = wrapping === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256'
      material = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, wrapped)
    }
  } catch {
    throw invalid('EncryptedKeyMaterial', say`it was not encrypted with the public key and the algorithm of the token.`)
  }
  if (material.length !== materialBytes) {
    throw invalid('EncryptedKeyMaterial', say`the material must have ${materialBytes} bytes.`)
  }
  return material
}

/** RFC 8017, 7.2.2: 00 02, at least eight bytes that are not 0, 00, the message. */
function unframe(frame: Buffer): Buffer {
  const end = frame.length - materialBytes
  const isFramed = frame[0] === 0 && frame[1] === 2 && frame[end - 1] === 0 && !frame.subarray(2, end - 1).includes(0)
  if (!isFramed) throw new Error('the frame is not that of a key')
  return frame.subarray(end)
}
