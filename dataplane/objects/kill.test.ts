import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ManualClock } from '@pileus/kernel/clock'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLocalStore } from './local-store.ts'
import { Rows } from './testing/rows.ts'

const HOUR_MS = 3_600_000
const here = path.dirname(fileURLToPath(import.meta.url))
let directory: string

beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'objects-kill-'))
})

afterEach(async () => {
  await fs.rm(directory, { recursive: true })
})

/** Node 20 does not run TypeScript, so the program is bundled; packages with native parts are found from here. */
async function bundleProgram(): Promise<string> {
  const outfile = path.join(directory, 'put-until-killed.mjs')
  await build({
    entryPoints: [path.join(here, 'testing/put-until-killed.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@node-rs/crc32', 'hash-wasm'],
  })
  await fs.symlink(path.resolve(here, '../../node_modules'), path.join(directory, 'node_modules'))
  return outfile
}

async function killAfter(child: ChildProcess, ms: number): Promise<string[]> {
  let output = ''
  child.stdout!.setEncoding('utf8')
  const ready = new Promise<void>((resolve) => {
    child.stdout!.on('data', (text: string) => {
      output += text
      if (output.includes('ready\n')) resolve()
    })
  })
  const closed = once(child, 'close')
  await ready
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.kill('SIGKILL')
  await closed
  return output.split('\n').slice(1, -1)
}

test('processes killed in the middle of their puts lose nothing that was answered', { timeout: 60_000 }, async () => {
  const program = await bundleProgram()
  const store = path.join(directory, 'store')
  const rows = new Rows()
  const start = () => spawn(process.execPath, [program, store], { stdio: ['ignore', 'pipe', 'inherit'] })
  for (let round = 0; round < 6; round++) {
    // Two at once share the directory.
    const lines = await Promise.all([killAfter(start(), Math.random() * 600), killAfter(start(), Math.random() * 600)])
    for (const line of lines.flat()) {
      const [location, sha256] = line.split(' ')
      rows.locations.set(`${sha256}`, location!)
    }
  }
  expect(rows.locations.size).toBeGreaterThan(50)

  const clock = new ManualClock(new Date())
  const opened = await openLocalStore({ directory: store, clock, renewEveryMs: 0 })
  const checkAll = async () => {
    for (const [sha256, location] of rows.locations) {
      const bytes = await opened.readWhole(location)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
    }
  }
  await checkAll()
  for (const [i, sha256] of [...rows.locations.keys()].entries()) if (i % 3 > 0) rows.locations.delete(sha256)
  let freed = 0
  for (let i = 0; i < 3; i++) {
    clock.advance(2 * HOUR_MS)
    freed += (await opened.sweep({ listLive: rows.listLive, move: rows.move, scope: 'all' })).bytesFreed
  }
  expect(freed).toBeGreaterThan(0)
  await checkAll()
  const corrupt: unknown[] = []
  const report = await opened.scrub({ listLive: rows.listLive, onCorrupt: (found) => corrupt.push(found) })
  expect(corrupt).toEqual([])
  expect(report.locationsRead).toBe([...rows.locations.values()].filter((location) => location !== 'empty.0.0').length)
  await opened.close()
})
