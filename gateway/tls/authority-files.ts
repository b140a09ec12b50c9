/**
 * The authority on disk: `ca/ca.pem`, which everyone may read, and `ca/ca-key.pem`, which only its owner may.
 *
 * The directory appears in one step. It is written under another name and renamed, so a process that dies leaves no
 * half of an authority, and of two processes that start at once one wins and the other takes the winner's.
 */
import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { effect } from '@pileus/kernel/effects'
import type { PemPair } from './certificates.ts'

const certificateName = 'ca.pem'
const keyName = 'ca-key.pem'
const unfinishedPrefix = '.ca-'
/** Older than this, an unfinished directory belongs to a process that died. */
const unfinishedMaxAgeMs = 600_000

/** An authority whose files cannot be used. The message says which file, why, and what to do. */
export class AuthorityUnusableError extends Error {
  override readonly name = 'AuthorityUnusableError'
}

/** Says what is wrong with the files and how to begin again. */
export function unusable(directory: string, problem: string, cause?: unknown): AuthorityUnusableError {
  return new AuthorityUnusableError(
    `${problem}. To make a new certificate authority, remove ${directory} and start again; clients must then be given the new ca.pem (or run \`./pileus env\` again)`,
    { cause },
  )
}

export function certificateFile(directory: string): string {
  return path.join(directory, certificateName)
}

async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.chmod(mode) // the umask may have taken bits away
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The files' text, or undefined where there is no authority yet. @throws AuthorityUnusableError if one is missing. */
export async function findAuthorityFiles(directory: string): Promise<PemPair | undefined> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw unusable(directory, `${directory} cannot be read (${cause.code})`, cause)
  })
  if (entries.length === 0) return undefined
  return {
    certificate: await readPart(directory, certificateName),
    key: await readKey(directory),
  }
}

async function readPart(directory: string, name: string): Promise<string> {
  const file = path.join(directory, name)
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw unusable(directory, `${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause)
  }
}

async function readKey(directory: string): Promise<string> {
  const file = path.join(directory, keyName)
  const text = await readPart(directory, keyName)
  const mode = (await stat(file)).mode & 0o777
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw unusable(
      directory,
      `${file} may be read by others (mode ${mode.toString(8)}); if nobody else could have read it, \`chmod 600 ${file}\` is enough`,
    )
  }
  return text
}

/** Keeps a new authority unless another process was first. Read the files afterwards: they are the winner's. */
export async function insertAuthorityFiles(directory: string, authority: PemPair): Promise<void> {
  const parent = path.dirname(directory)
  await mkdir(parent, { recursive: true })
  const unfinished = path.join(parent, `${unfinishedPrefix}${randomBytes(6).toString('hex')}`)
  await effect('write a new certificate authority', async () => {
    await mkdir(unfinished, { mode: 0o700 })
    await writeDurably(path.join(unfinished, keyName), authority.key, 0o600)
    await writeDurably(path.join(unfinished, certificateName), authority.certificate, 0o644)
    await chmod(unfinished, 0o755) // clients of other users need ca.pem
  })
  try {
    await effect('put the new certificate authority in its place', () => rename(unfinished, directory))
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(code)) throw new Error(`creating ${directory}`, { cause })
  }
}

/** Removes what processes left that died while they wrote a new authority. */
export async function removeUnfinishedAuthorities(directory: string): Promise<void> {
  const parent = path.dirname(directory)
  for (const name of await readdir(parent)) {
    if (!name.startsWith(unfinishedPrefix)) continue
    const entry = path.join(parent, name)
    const state = await stat(entry).catch(() => undefined)
    if (state !== undefined && Date.now() - state.mtimeMs > unfinishedMaxAgeMs) {
      await rm(entry, { recursive: true, force: true })
    }
  }
}

/** Checks that the files are an authority that works now. @throws AuthorityUnusableError */
export function assertAuthorityUsable(directory: string, authority: PemPair, now: Date): void {
  const certificate = parse(directory, certificateName, () => new X509Certificate(authority.certificate))
  const key: KeyObject = parse(directory, keyName, () => createPrivateKey(authority.key))
  if (!certificate.ca) throw unusable(directory, `${certificateFile(directory)} is not an authority's certificate`)
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(directory, `${keyName} and ${certificateName} in ${directory} do not belong together`)
  }
  if (now.getTime() > Date.parse(certificate.validTo)) {
    throw unusable(directory, `${certificateFile(directory)} expired on ${certificate.validTo}`)
  }
  if (now.getTime() < Date.parse(certificate.validFrom)) {
    throw unusable(
      directory,
      `${certificateFile(directory)} is valid only from ${certificate.validFrom}; check this machine's clock first`,
    )
  }
}

function parse<T>(directory: string, name: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unusable(directory, `${path.join(directory, name)} is damaged`, cause)
  }
}
