import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { proveAccelerator, proveKvm } from './accelerator.ts'

const hasQemu = spawnSync('qemu-system-x86_64', ['--version']).status === 0

test.skipIf(!hasQemu)(
  'the proof succeeds under emulation, which works everywhere (needs qemu-system-x86)',
  async () => {
    expect(await proveAccelerator('tcg', { deadlineMs: 20_000 })).toBe(true)
  },
)

test('a program that is not there proves nothing', async () => {
  expect(await proveAccelerator('tcg', { binary: '/nonexistent/qemu' })).toBe(false)
})

test('a guest that never gets to run is given up at the deadline', async () => {
  expect(await proveAccelerator('kvm', { binary: '/bin/yes', deadlineMs: 100 })).toBe(false)
})

test('the answer about KVM is kept for as long as this machine is up', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pileus-kvm-'))
  try {
    const cacheFile = join(directory, 'kvm.json')
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
    await writeFile(cacheFile, JSON.stringify({ bootId: 'an earlier boot', works: true }))
    expect(await proveKvm(cacheFile, { binary: '/nonexistent/qemu' })).toBe(false)
    await writeFile(cacheFile, JSON.stringify({ bootId, works: true }))
    expect(await proveKvm(cacheFile, { binary: '/nonexistent/qemu' })).toBe(true)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
