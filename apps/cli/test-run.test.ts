import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '@pileus/kernel/process-state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openTestRun } from './test-run.ts'

/** Leaves two programs behind, each known in one way only, tells their numbers, and goes on for ever. */
const program = `
import { spawn } from 'node:child_process'
import { writeFileSync, renameSync } from 'node:fs'
const start = (options) => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', ...options })
  child.unref()
  return child.pid
}
const pids = [start({ cwd: '/' }), start({ cwd: process.env.TMPDIR, env: { PATH: process.env.PATH } }), process.pid]
writeFileSync('pids.new', JSON.stringify(pids))
renameSync('pids.new', 'pids')
if (process.argv[2] !== 'end') setInterval(() => {}, 1000)
`

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pileus-test-run-'))
  writeFileSync(join(root, 'program.mjs'), program)
})
afterEach(() => rmSync(root, { recursive: true }))

const readPids = async (): Promise<number[]> => {
  await vi.waitUntil(() => existsSync(join(root, 'pids')), { timeout: 20_000 })
  return JSON.parse(readFileSync(join(root, 'pids'), 'utf8'))
}

test.skipIf(process.platform !== 'linux')('a run that is cut off ends all that it has started', async () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const run = openTestRun(root, { signal: first.signal, forced: second.signal })
  const ended = run.run(['program.mjs'], { show: false }).catch((error) => error)
  const pids = await readPids()
  expect(pids.map(isAlive)).toEqual([true, true, true])
  first.abort(new Error('told to end'))
  expect(await ended).toEqual(new Error('told to end'))
  expect(await run.close()).toEqual(['sleep', 'sleep'])
  expect(pids.map(isAlive)).toEqual([false, false, false])
  expect(existsSync(run.directory)).toBe(false)
})

test.skipIf(process.platform !== 'linux')(
  'a run that has ended leaves nothing either, and gives its code',
  async () => {
    const never = new AbortController().signal
    const run = openTestRun(root, { signal: never, forced: never })
    expect(await run.run(['program.mjs', 'end'], { show: false })).toEqual({ code: 0, output: '' })
    expect(await run.close()).toEqual(['sleep', 'sleep'])
    expect((await readPids()).map(isAlive)).toEqual([false, false, false])
  },
)
