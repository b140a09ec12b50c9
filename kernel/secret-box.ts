import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Encrypts small secrets at rest with AES-256-GCM under one root key. */
export interface SecretBox {
  /** `context` names what the secret is of; opening asks for the same. */
  seal(secret: string, context: string): Buffer
  /** @throws Error when the box was altered, or sealed under another key or context. */
  open(box: Buffer, context: string): string
}

/** Opens the root key at `keyFile`, making it (mode 0600) at the first start. */
export function openSecretBox(keyFile: string): SecretBox {
  if (!existsSync(keyFile)) {
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
    const draft = `${keyFile}.${process.pid}.new`
    writeFileSync(draft, randomBytes(32).toString('base64'), { mode: 0o600, flush: true })
    try {
      linkSync(draft, keyFile)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  chmodSync(keyFile, 0o600)
  const key = Buffer.from(readFileSync(keyFile, 'utf8'), 'base64')
  if (key.length !== 32) {
    throw new Error(`${keyFile} does not hold a 256-bit key; restore it from a backup, since stored secrets need it`)
  }
  return {
    seal(secret, context) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body])
    },
    open(box, context) {
      // A shorter tag would be taken as well, and is so much easier to guess.
      const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(Buffer.from(context)).setAuthTag(box.subarray(12, 28))
      return Buffer.concat([decipher.update(box.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}
