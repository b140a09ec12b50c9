import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSecretBox } from './secret-box.ts'

const directory = mkdtempSync(join(tmpdir(), 'pileus-secret-box-'))
afterAll(() => rmSync(directory, { recursive: true }))
const keyFile = join(directory, 'root.key')
const box = openSecretBox(keyFile)

test('what was sealed opens in its own context alone, also after a restart', () => {
  expect(statSync(keyFile).mode & 0o777).toBe(0o600)
  const sealed = box.seal('secret', 'a')
  expect(openSecretBox(keyFile).open(sealed, 'a')).toBe('secret')
  expect(() => box.open(sealed, 'b')).toThrow()
})

test('an altered box does not open, nor one whose tag was cut short', () => {
  const sealed = box.seal('', 'a')
  expect(box.open(sealed, 'a')).toBe('')
  for (const length of [0, 12, 16, 20, 24, 27]) {
    expect(() => box.open(sealed.subarray(0, length), 'a'), `${length} bytes`).toThrow()
  }
  const altered = box.seal('secret', 'a')
  altered[30]! ^= 1
  expect(() => box.open(altered, 'a')).toThrow()
})
