import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface SigningKeys {
  privateKey: KeyObject
  publicKey: KeyObject
}

/** The key that home signs snapshots with, made (mode 0600) at the first start. */
export function openSigningKeys(keyFile: string): SigningKeys {
  if (!existsSync(keyFile)) {
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
    const { privateKey } = generateKeyPairSync('ed25519')
    const draft = `${keyFile}.${process.pid}.new`
    writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true })
    try {
      linkSync(draft, keyFile)
    } catch (error) {
      // Another process was first, and its key is the one.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  const privateKey = createPrivateKey(readFileSync(keyFile))
  return { privateKey, publicKey: createPublicKey(privateKey) }
}
