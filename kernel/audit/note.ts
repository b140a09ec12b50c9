/**
 * Signed notes with Ed25519 keys, and checkpoints, which are notes that say how large a log is and what its root is.
 * @see https://c2sp.org/signed-note https://c2sp.org/tlog-checkpoint
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { hashBytes } from './merkle.ts'

const ed25519 = 1

export interface NoteSigner {
  readonly name: string
  /** `<name>+<key id>+<base64>`, to be given to those who verify. */
  readonly verifierKey: string
  /** The text, which ends in a newline, with its signature. */
  sign(text: string): string
}

export interface NoteVerifier {
  readonly name: string
  readonly keyId: number
  readonly publicKey: KeyObject
}

/** A new private key, PKCS#8 in base64. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
}

/** `name` must have no spaces and no `+`. */
export function createSigner(name: string, privateKey: string): NoteSigner {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), type: 'pkcs8', format: 'der' })
  const publicBytes = rawPublicKey(createPublicKey(key))
  const keyId = keyIdOf(name, publicBytes)
  return {
    name,
    verifierKey: `${name}+${keyId.toString(16).padStart(8, '0')}+${Buffer.from([ed25519, ...publicBytes]).toString('base64')}`,
    sign(text) {
      const id = Buffer.alloc(4)
      id.writeUInt32BE(keyId)
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), key)])
      return `${text}\n— ${name} ${signature.toString('base64')}\n`
    },
  }
}

/** @throws Error when it is not an Ed25519 verifier key, or its key id is not that of its key */
export function parseVerifierKey(text: string): NoteVerifier {
  const [, name = '', id = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length !== 33 || bytes[0] !== ed25519) {
    throw new Error('a verifier key is <name>+<8 hex digits>+<base64 of an Ed25519 key>')
  }
  const keyId = keyIdOf(name, bytes.subarray(1))
  if (keyId !== Number.parseInt(id, 16))
    throw new Error(`the verifier key of ${name} is damaged: its key id is not ${id}`)
  const publicKey = createPublicKey({
    key: Buffer.concat([spkiPrefix, bytes.subarray(1)]),
    type: 'spki',
    format: 'der',
  })
  return { name, keyId, publicKey }
}

/** What precedes an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(spkiPrefix.length)
}

function keyIdOf(name: string, publicBytes: Uint8Array): number {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ed25519]))
    .update(publicBytes)
    .digest()
    .readUInt32BE()
}

/** The text that `verifier` signed. @throws Error saying what is wrong with the note */
export function openNote(note: string, verifier: NoteVerifier): string {
  const end = note.lastIndexOf('\n\n')
  if (end === -1 || !note.endsWith('\n')) throw new Error('it is not a signed note')
  const text = note.slice(0, end + 1)
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const [, name, encoded] = /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? []
    if (name === undefined || encoded === undefined) throw new Error('a signature line of the note is malformed')
    const bytes = Buffer.from(encoded, 'base64')
    if (name !== verifier.name || bytes.length < 5 || bytes.readUInt32BE() !== verifier.keyId) continue
    if (verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(4))) return text
    throw new Error(`the signature of ${name} does not match`)
  }
  throw new Error(`it has no signature by the key ${verifier.name}+${verifier.keyId.toString(16).padStart(8, '0')}`)
}

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** Reads a checkpoint without asking who signed it. @throws Error */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = ''] = text.split('\n')
  const rootBytes = Buffer.from(root, 'base64')
  if (origin === '' || !/^(?:0|[1-9]\d{0,15})$/.test(size) || rootBytes.length !== hashBytes) {
    throw new Error('it is not a checkpoint')
  }
  return { origin, size: Number(size), root: rootBytes }
}

/** @throws Error saying what is wrong: the signature, the key, the form, or another log's origin */
export function openCheckpoint(note: string, verifier: NoteVerifier): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, verifier))
  if (checkpoint.origin !== verifier.name) throw new Error(`it is of another log, ${checkpoint.origin}`)
  return checkpoint
}
