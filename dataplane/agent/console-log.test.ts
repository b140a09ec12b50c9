import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { boundLog, ConsoleLog, tailBytes } from './console-log.ts'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-console-'))
  file = join(directory, 'console.log')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('keeps the end of what was printed, in memory and on disk, in bounded room', async () => {
  const log = new ConsoleLog(file)
  for (let part = 0; part < 40; part += 1) await log.append(Buffer.alloc(10_000, 97 + (part % 26)))
  await log.append(Buffer.from('the end'))
  expect(log.tail.length).toBe(tailBytes)
  expect(log.tail.toString('latin1')).toMatch(/the end$/)
  expect(statSync(file).size).toBeLessThanOrEqual(tailBytes * 2)
  const again = new ConsoleLog(file)
  await again.open()
  expect(again.tail.equals(log.tail)).toBe(true)
})

test('tells when something is new', async () => {
  const log = new ConsoleLog(file)
  await log.open()
  expect(log.updatedAt).toBeUndefined()
  const before = log.version
  await log.append(Buffer.alloc(0))
  expect(log.version).toBe(before)
  await log.append(Buffer.from('x'))
  expect(log.version).toBeGreaterThan(before)
})

test("another program's log is emptied once it is too long", async () => {
  writeFileSync(file, 'x'.repeat(100))
  await boundLog(file, 100)
  expect(statSync(file).size).toBe(100)
  await boundLog(file, 99)
  expect(statSync(file).size).toBe(0)
  await boundLog(join(directory, 'absent'), 1)
})
