/**
 * The file that holds a region's root keys, in one of three ways:
 * - `file`: the keys themselves. Whoever reads the file reads everything.
 * - `passphrase`: the keys under a key that scrypt makes of a passphrase, which is asked for at each start.
 * - `pkcs11`: the keys encrypted to an RSA key that never leaves a token (HSM, smart card, SoftHSM).
 */
import { execFile } from 'node:child_process'
import { constants, publicEncrypt, randomBytes, scrypt } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { openXaes, sealXaes } from './xaes-gcm.ts'

/** What unlocks key files, by region; `*` stands for every region. */
export interface UnlockSecrets {
  /** Passphrase, or PIN of the token; undefined when nobody gave one. */
  find(regionId: string): string | undefined
}

interface ScryptParameters {
  /** Base64. */
  salt: string
  N: number
  r: number
  p: number
}

export interface TokenLocation {
  /** Path of the PKCS#11 module. */
  module: string
  tokenLabel: string
  keyLabel: string
}

interface Generations {
  version: 1
  regionId: string
  /** The generation that seals. */
  current: number
  /** Base64 by generation. */
  keys: Record<string, string>
}

export type KeyFile = Generations &
  (
    | { provider: 'file' }
    | { provider: 'passphrase'; scrypt: ScryptParameters }
    | ({ provider: 'pkcs11'; publicKey: string } & TokenLocation)
  )

export type OpenedKeyFile =
  | { kind: 'open'; provider: string; generation: number; keys: ReadonlyMap<number, Buffer> }
  | { kind: 'sealed'; provider: string; reason: string }

/** How keys are to be kept from now on. */
export type Keeping =
  | { provider: 'file' }
  | { provider: 'passphrase'; passphrase: string }
  | ({ provider: 'pkcs11'; publicKey: string } & TokenLocation)

const scryptCost = { N: 2 ** 17, r: 8, p: 1 }

/** Never throws for what the operator can mend: the region is sealed then, with the reason. */
export async function openKeyFile(file: string, regionId: string, secrets: UnlockSecrets): Promise<OpenedKeyFile> {
  let provider = 'unknown'
  try {
    const content = readKeyFile(file, regionId)
    provider = content.provider
    const keys = await unlock(content, secrets)
    return { kind: 'open', provider, generation: content.current, keys }
  } catch (error) {
    return { kind: 'sealed', provider, reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Makes the file with a new key, kept in the file itself, unless another process was quicker. */
export function writeNewKeyFile(file: string, regionId: string): OpenedKeyFile {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const keys = { 1: randomBytes(32).toString('base64') }
    const draft = writeDraft(file, { version: 1, provider: 'file', regionId, current: 1, keys })
    try {
      linkSync(draft, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  return openPlainKeyFile(file, regionId) ?? { kind: 'sealed', provider: 'unknown', reason: 'it was just changed' }
}

/** Opens a file that holds the keys themselves; undefined for any other. */
export function openPlainKeyFile(file: string, regionId: string): OpenedKeyFile | undefined {
  const content = readKeyFile(file, regionId)
  if (content.provider !== 'file') return undefined
  return { kind: 'open', provider: 'file', generation: content.current, keys: decode(content.keys) }
}

/** Adds a generation that seals from now on. Older ones stay, to open what they sealed. @returns its number */
export async function addGeneration(file: string, regionId: string, secrets: UnlockSecrets): Promise<number> {
  const content = readKeyFile(file, regionId)
  const keys = new Map(await unlock(content, secrets))
  const generation = Math.max(...keys.keys()) + 1
  keys.set(generation, randomBytes(32))
  await writeKeys(file, content, keys, generation, keepingOf(content, secrets))
  return generation
}

/** Removes every generation but the current one: for when nothing is sealed under them any more. */
export async function removeOldGenerations(file: string, regionId: string): Promise<void> {
  const content = readKeyFile(file, regionId)
  const current = content.keys[content.current]
  if (current === undefined) throw new Error(`${file} lacks its current generation`)
  replace(file, { ...content, keys: { [content.current]: current } })
}

/** Keeps the same keys in another way. */
export async function changeKeeping(
  file: string,
  regionId: string,
  secrets: UnlockSecrets,
  keeping: Keeping,
): Promise<void> {
  const content = readKeyFile(file, regionId)
  await writeKeys(file, content, await unlock(content, secrets), content.current, keeping)
}

/** @throws Error that says what is wrong with the file */
export function readKeyFile(file: string, regionId: string): KeyFile {
  let content: KeyFile
  try {
    content = JSON.parse(readFileSync(file, 'utf8')) as KeyFile
  } catch (cause) {
    throw new Error(`${file} cannot be read; restore it from a backup, since what is sealed needs it`, { cause })
  }
  if (content.version !== 1 || content.regionId !== regionId || !content.keys?.[content.current]) {
    throw new Error(`${file} is not the key file of ${regionId}`)
  }
  return content
}

async function unlock(content: KeyFile, secrets: UnlockSecrets): Promise<Map<number, Buffer>> {
  if (content.provider === 'file') return decode(content.keys)
  const { regionId } = content
  const secret = secrets.find(regionId)
  if (secret === undefined) {
    throw new Error(`no ${content.provider === 'pkcs11' ? 'PIN' : 'passphrase'} was given for ${regionId}`)
  }
  if (content.provider === 'passphrase') {
    const wrapping = await stretch(secret, content.scrypt)
    const opened = [...decode(content.keys)].map(([generation, box]): [number, Buffer] => {
      const key = openXaes(wrapping, box, wrapContext(regionId, generation))
      if (!key) throw new Error(`the passphrase given for ${regionId} is not the right one`)
      return [generation, key]
    })
    return new Map(opened)
  }
  const opened: [number, Buffer][] = []
  for (const [generation, box] of decode(content.keys)) {
    opened.push([generation, await decryptByToken(content, secret, box)])
  }
  return new Map(opened)
}

async function writeKeys(
  file: string,
  { regionId }: KeyFile,
  keys: ReadonlyMap<number, Buffer>,
  current: number,
  keeping: Keeping,
): Promise<void> {
  const shared = { version: 1 as const, regionId, current }
  if (keeping.provider === 'passphrase') {
    const parameters = { salt: randomBytes(16).toString('base64'), ...scryptCost }
    const wrapping = await stretch(keeping.passphrase, parameters)
    const wrap = (key: Buffer, generation: number) => sealXaes(wrapping, key, wrapContext(regionId, generation))
    replace(file, { ...shared, provider: 'passphrase', scrypt: parameters, keys: encode(keys, wrap) })
  } else if (keeping.provider === 'pkcs11') {
    const wrap = (key: Buffer) =>
      publicEncrypt({ key: keeping.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, key)
    replace(file, { ...shared, ...keeping, keys: encode(keys, wrap) })
  } else {
    replace(file, { ...shared, provider: 'file', keys: encode(keys, (key) => key) })
  }
}

function keepingOf(content: KeyFile, secrets: UnlockSecrets): Keeping {
  if (content.provider !== 'passphrase') return content
  const passphrase = secrets.find(content.regionId)
  if (passphrase === undefined) throw new Error(`no passphrase was given for ${content.regionId}`)
  return { provider: 'passphrase', passphrase }
}

function wrapContext(regionId: string, generation: number): Buffer {
  return Buffer.from(`root key ${generation} of ${regionId}`)
}

function stretch(passphrase: string, { salt, N, r, p }: ScryptParameters): Promise<Buffer> {
  const options = { N, r, p, maxmem: 256 * N * r }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

/** Asks OpenSC's pkcs11-tool. The PIN travels in its environment, which other users cannot read, not in its arguments. */
async function decryptByToken(location: TokenLocation, pin: string, box: Buffer): Promise<Buffer> {
  const [mechanism, hash, mask] = ['RSA-PKCS-OAEP', 'SHA-1', 'MGF1-SHA1']
  const where = ['--module', location.module, '--token-label', location.tokenLabel, '--label', location.keyLabel]
  const how = ['--decrypt', '--mechanism', mechanism, '--hash-algorithm', hash, '--mgf', mask]
  const running = promisify(execFile)('pkcs11-tool', [...where, ...how, '--login', '--pin', 'env:PILEUS_TOKEN_PIN'], {
    encoding: 'buffer',
    timeout: 30_000,
    env: { ...process.env, PILEUS_TOKEN_PIN: pin },
  })
  running.child.stdin?.end(box)
  const { stdout } = await running.catch((error: Error & { stderr?: Buffer }) => {
    const said = error.stderr?.toString().trim().split('\n').at(-1) ?? error.message
    throw new Error(`the token ${location.tokenLabel} does not decrypt the key: ${said}`)
  })
  if (stdout.length !== 32) throw new Error(`the token ${location.tokenLabel} answered ${stdout.length} bytes`)
  return stdout
}

function decode(keys: Readonly<Record<string, string>>): Map<number, Buffer> {
  return new Map(Object.entries(keys).map(([generation, text]) => [Number(generation), Buffer.from(text, 'base64')]))
}

function encode(keys: ReadonlyMap<number, Buffer>, wrap: (key: Buffer, generation: number) => Buffer) {
  const entries = [...keys].map(([generation, key]) => [generation, wrap(key, generation).toString('base64')])
  return Object.fromEntries(entries) as Record<string, string>
}

function replace(file: string, content: KeyFile): void {
  renameSync(writeDraft(file, content), file)
}

function writeDraft(file: string, content: KeyFile): string {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true })
  chmodSync(draft, 0o600)
  return draft
}
