import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'

/** Longest path of a Unix socket, in bytes, on every system we run on. */
const maxSocketPathBytes = 103

/**
 * A directory for Unix sockets, whose paths must be short: `base/name` where a socket name of `longestName` bytes
 * fits, else a private directory elsewhere that `base` remembers. `otherOwner` is whom else it may belong to: one to
 * whom the caller has given it.
 */
export function shortDirectory(base: string, name: string, longestName: number, otherOwner?: number): string {
  const near = resolve(base, name)
  mkdirSync(base, { recursive: true })
  if (Buffer.byteLength(near) + 1 + longestName <= maxSocketPathBytes) {
    mkdirSync(near, { recursive: true, mode: 0o700 })
    return near
  }
  const pointer = join(base, `${name}-directory`)
  const known = findPointedAt(pointer)
  if (known !== undefined && isPrivate(known, otherOwner)) return known
  const made = mkdtempSync(join(tmpdir(), 'pileus-'))
  rmSync(pointer, { force: true })
  writeFileSync(pointer, made, { flag: 'wx' })
  return made
}

/** What the pointer names, if it can be the name of a directory made here: `base` may be another user's. */
function findPointedAt(pointer: string): string | undefined {
  if (!existsSync(pointer)) return undefined
  const path = readFileSync(pointer, 'utf8').trim()
  return resolve(path) === path && /^pileus-[A-Za-z0-9]{6}$/.test(basename(path)) ? path : undefined
}

/** Whether it is still the directory that was made: in a place open to all, others may have put theirs there. */
function isPrivate(path: string, otherOwner: number | undefined): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return false
  if (process.platform === 'win32') return true
  return [process.getuid?.(), otherOwner].includes(found.uid) && (found.mode & 0o077) === 0
}

/** Removes the directory that `shortDirectory` gives, wherever it is, with all that is in it. */
export function removeShortDirectory(base: string, name: string): void {
  const pointer = join(base, `${name}-directory`)
  const known = findPointedAt(pointer)
  if (known !== undefined) rmSync(known, { recursive: true, force: true })
  rmSync(pointer, { force: true })
  rmSync(resolve(base, name), { recursive: true, force: true })
}
