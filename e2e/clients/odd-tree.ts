import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files whose names clients like to get wrong, an empty one, and one that is sent in three parts of 5 MiB. */
const names = [
  'plain.txt',
  'empty',
  'folder/with space/and + & =.txt',
  'folder/é-中文-😀.txt',
  "folder/quote'percent%25hash#question?.txt",
  'folder/semi;colon,comma@at[brackets]{braces}~tilde!$().txt',
  'large.bin',
]

/** Size of the large file, in bytes. */
export const largeBytes = 11 * 1024 * 1024 + 3

export function writeOddTree(directory: string): void {
  for (const name of names) {
    const file = join(directory, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, name === 'empty' ? '' : name === 'large.bin' ? randomBytes(largeBytes) : `in ${name}`)
  }
}

/** Paths of all files below a directory and digests of what they hold. */
export function readTree(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort()
  const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
  return Object.fromEntries(paths.map((path) => [path.slice(directory.length + 1), digest(path)]))
}
