import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { reset } from './commands/reset.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-reset-'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

/** Makes files, whose contents do not matter. */
function have(...files: string[]): void {
  for (const file of files) {
    mkdirSync(join(directory, file, '..'), { recursive: true })
    writeFileSync(join(directory, file), '')
  }
}

test.each([
  ['a system directory such as /var', ['run/other.pid', 'log/syslog']],
  ['a directory of other certificates', ['ca/root.pem', 'keys/id_rsa']],
  ["another program's database", ['postgres/PG_VERSION']],
])('%s is left alone', async (_what, files) => {
  have(...files)
  await expect(reset({ data: directory, yes: true })).rejects.toThrow('does not look like the data of a cloud')
  for (const file of files) expect(existsSync(join(directory, file)), file).toBe(true)
})

test('the data of a cloud is deleted, also of one that hardly began', async () => {
  have('keys/root.key', 'run/cloud.json', 'logs/cloud.log')
  await reset({ data: directory, yes: true })
  expect(existsSync(directory)).toBe(false)
  have('logs/cloud.log')
  await reset({ data: directory, yes: true })
  expect(existsSync(directory)).toBe(false)
})

test('what is not of the cloud stays, in a directory that had it before', async () => {
  have('keys/root.key', 'disks/d-1.qcow2', 'photos/one.jpg', '.profile')
  await reset({ data: directory, yes: true })
  expect(existsSync(join(directory, 'photos/one.jpg'))).toBe(true)
  expect(existsSync(join(directory, '.profile'))).toBe(true)
  expect(existsSync(join(directory, 'keys'))).toBe(false)
  expect(existsSync(join(directory, 'disks'))).toBe(false)
})
