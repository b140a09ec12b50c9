import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeShortDirectory, shortDirectory } from './short-directory.ts'

let root: string
let base: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pileus-test-'))
  base = join(root, 'x'.repeat(100))
})
afterEach(() => {
  removeShortDirectory(base, 'run')
  rmSync(root, { recursive: true, force: true })
})

test('a path that is too long gets a private directory elsewhere, the same each time', () => {
  const made = shortDirectory(base, 'run', 12)
  expect(dirname(made)).toBe(tmpdir())
  expect(lstatSync(made).mode & 0o777).toBe(0o700)
  expect(shortDirectory(base, 'run', 12)).toBe(made)
  removeShortDirectory(base, 'run')
  expect(existsSync(made)).toBe(false)
})

test('a directory that was lost is not made again under a name that others may have taken', () => {
  const made = shortDirectory(base, 'run', 12)
  rmSync(made, { recursive: true })
  const again = shortDirectory(base, 'run', 12)
  expect(again).not.toBe(made)
  expect(existsSync(made)).toBe(false)
  expect(shortDirectory(base, 'run', 12)).toBe(again)
})

test('what another user put in its place is not used', () => {
  const made = shortDirectory(base, 'run', 12)
  rmSync(made, { recursive: true })
  symlinkSync(root, made)
  const again = shortDirectory(base, 'run', 12)
  expect(again).not.toBe(made)
  rmSync(made)
  mkdirSync(made, { mode: 0o777 })
  expect(lstatSync(made).isDirectory()).toBe(true)
  expect(shortDirectory(base, 'run', 12)).toBe(again)
  rmSync(made, { recursive: true })
})

test('removing follows no pointer to what was never such a directory', () => {
  const precious = join(root, 'precious')
  mkdirSync(precious)
  shortDirectory(base, 'run', 12)
  const pointer = join(base, 'run-directory')
  const made = readFileSync(pointer, 'utf8')
  writeFileSync(pointer, precious)
  removeShortDirectory(base, 'run')
  expect(existsSync(precious)).toBe(true)
  rmSync(made, { recursive: true })
})
