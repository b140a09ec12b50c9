import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { acquireFileLock } from './lock.ts'
import { MissingToolError, runProgram } from './tool.ts'

test('a missing program is reported with the Debian package that brings it', async () => {
  const failure = await runProgram('no-such-program', 'some-package', []).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(MissingToolError)
  expect((failure as MissingToolError).debianPackage).toBe('some-package')
})

test('a failing program is reported with what it said', async () => {
  await expect(runProgram('sh', 'dash', ['-c', 'echo no room >&2; exit 3'])).rejects.toThrow('sh failed (3): no room')
})

test('an abort ends a program together with what it started', async () => {
  const interruption = new AbortController()
  const lines: string[] = []
  const running = runProgram('sh', 'dash', ['-c', 'sleep 60 & echo $! >&2; wait'], {
    signal: interruption.signal,
    onErrorLine: (line) => {
      lines.push(line)
      interruption.abort(new Error('enough'))
    },
  })
  await expect(running).rejects.toThrow('enough')
  // What has ended may stay for a moment as an entry without a command line.
  await vi.waitFor(async () => {
    expect(await readFile(`/proc/${lines[0]}/cmdline`, 'utf8').catch(() => '')).toBe('')
  })
})

test('a lock is held by one at a time, and waiting for it can be given up', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pileus-lock-'))
  try {
    const first = await acquireFileLock(join(dir, 'lock'))
    const interruption = new AbortController()
    const waiting = acquireFileLock(join(dir, 'lock'), interruption.signal)
    interruption.abort(new Error('given up'))
    await expect(waiting).rejects.toThrow('given up')

    const order: string[] = []
    const second = acquireFileLock(join(dir, 'lock')).then((lock) => {
      order.push('second')
      return lock
    })
    order.push('first released')
    await first.release()
    await (await second).release()
    expect(order).toEqual(['first released', 'second'])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
