import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { claimDataDir } from './start-lock.ts'

const source = fileURLToPath(new URL('./start-lock.ts', import.meta.url))
let dataDir: string
let file: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pileus-lock-'))
  file = join(dataDir, 'run', 'up.pid')
  mkdirSync(join(dataDir, 'run'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

test('a second claim is refused while the first one holds', () => {
  const lock = claimDataDir(dataDir)
  expect(() => claimDataDir(dataDir)).toThrow(`process ${process.pid}`)
  lock.release()
  expect(existsSync(file)).toBe(false)
  claimDataDir(dataDir).release()
})

test('the lock of a process that is gone is taken over, whoever has its number now', () => {
  // In a container every start has the same number.
  for (const content of [String(process.pid), `${process.pid} 1`, String(process.ppid), '999999999 1', '', 'x']) {
    writeFileSync(file, content)
    const lock = claimDataDir(dataDir)
    expect(readFileSync(file, 'utf8'), content).toMatch(new RegExp(`^${process.pid} `))
    lock.release()
  }
})

test.skipIf(process.platform !== 'linux')(
  'a process that has ended holds nothing, though its parent never asks',
  async () => {
    // The shell becomes a program that does not know of the shell's child.
    const parent = spawn('sh', ['-c', 'true & exec sleep 20'])
    try {
      const stat = await vi.waitUntil(() => {
        const pid = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim()
        const text = pid ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
        return text.includes(') Z ') && text
      })
      const fields = stat.split(' ')
      writeFileSync(file, `${fields[0]} ${fields[21]}`)
      claimDataDir(dataDir).release()
      expect(existsSync(file)).toBe(false)
    } finally {
      parent.kill()
    }
  },
)

test('releasing leaves a lock alone that another process has taken meanwhile', () => {
  const lock = claimDataDir(dataDir)
  writeFileSync(file, '1 1')
  lock.release()
  expect(readFileSync(file, 'utf8')).toBe('1 1')
})

test('of many that take over at once, one gets it', async () => {
  writeFileSync(file, '999999999 1')
  const bundle = join(dataDir, 'start-lock.mjs')
  await build({ entryPoints: [source], outfile: bundle, bundle: true, platform: 'node', format: 'esm' })
  const program = `
    const { claimDataDir } = await import(${JSON.stringify(bundle)})
    try { claimDataDir(${JSON.stringify(dataDir)}); console.log('got') } catch { console.log('refused') }
    process.stdin.resume()`
  // None ends, and so gives up what it got, before all have said what they got.
  const children = Array.from({ length: 8 }, () => spawn(process.execPath, ['--input-type=module', '-e', program]))
  const words = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()))
  for (const child of children) child.stdin.end()
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
  expect(words.filter((word) => word === 'got')).toHaveLength(1)
}, 30_000)
