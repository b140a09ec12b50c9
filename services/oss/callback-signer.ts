/** Signs upload callbacks with a key of this installation, whose public half anyone may fetch. */
import { createSign, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import { type CallbackKeyRow, ensureCallbackKey, findCallbackKey } from './tables/callback-key.ts'

/** Where the public key is, on the service's own host. No bucket has such a name. */
export const callbackKeyPath = '/.well-known/callback_pub_key_v1.pem'

const context = 'oss.callback_key'

export interface CallbackSigner {
  /** Base64 of the RSA signature over MD5, as receivers of callbacks verify it. */
  sign(text: Buffer): Promise<string>
  /** PEM. */
  publicKey(): Promise<string>
}

export function createCallbackSigner(store: Pick<Store, 'pool'>, secretBox: SecretBox): CallbackSigner {
  let known: Promise<CallbackKeyRow> | undefined
  const load = (): Promise<CallbackKeyRow> => {
    known ??= ensureKey(store, secretBox)
    // A failure is not remembered.
    known.catch(() => {
      known = undefined
    })
    return known
  }
  return {
    async sign(text) {
      const { sealedPrivateKey } = await load()
      return createSign('RSA-MD5').update(text).sign(secretBox.open(sealedPrivateKey, context), 'base64')
    },
    publicKey: async () => (await load()).publicKey,
  }
}

async function ensureKey({ pool }: Pick<Store, 'pool'>, secretBox: SecretBox): Promise<CallbackKeyRow> {
  const kept = await findCallbackKey(pool)
  if (kept) return kept
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  await ensureCallbackKey(pool, { sealedPrivateKey: secretBox.seal(privateKey, context), publicKey })
  const first = await findCallbackKey(pool)
  if (!first) throw new Error('the key of upload callbacks was written and is not there')
  return first
}
