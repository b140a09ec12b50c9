import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Longest path of a Unix socket, in bytes, on every system we run on. */
const maxSocketPathBytes = 103

/**
 * A directory for Unix sockets, whose paths must be short: `base/name` where a socket name of `longestName` bytes
 * fits, else a private directory elsewhere that `base` remembers.
 */
export function shortDirectory(base: string, name: string, longestName: number): string {
  const near = resolve(base, name)
  mkdirSync(base, { recursive: true })
  if (Buffer.byteLength(near) + 1 + longestName <= maxSocketPathBytes) {
    mkdirSync(near, { recursive: true, mode: 0o700 })
    return near
  }
  const pointer = join(base, `${name}-directory`)
  if (existsSync(pointer)) {
    const known = readFileSync(pointer, 'utf8').trim()
    mkdirSync(known, { recursive: true, mode: 0o700 })
    return known
  }
  const made = mkdtempSync(join(tmpdir(), 'pileus-'))
  writeFileSync(pointer, made)
  return made
}

/** Removes the directory that `shortDirectory` gives, wherever it is, with all that is in it. */
export function removeShortDirectory(base: string, name: string): void {
  const pointer = join(base, `${name}-directory`)
  if (existsSync(pointer)) rmSync(readFileSync(pointer, 'utf8').trim(), { recursive: true, force: true })
  rmSync(pointer, { force: true })
  rmSync(resolve(base, name), { recursive: true, force: true })
}
