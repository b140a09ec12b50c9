import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DiskDirectory, DiskFullError } from './disks.ts'
import { withSecretFile } from './secret-file.ts'

const hasTool = spawnSync('qemu-img', ['--version']).status === 0
const isRoot = process.getuid?.() === 0

describe.skipIf(!hasTool)('disks (needs qemu-utils)', () => {
  let dataDir: string
  let disks: DiskDirectory

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pileus-disks-'))
    disks = new DiskDirectory(dataDir)
    await disks.open()
  })
  afterEach(() => rm(dataDir, { recursive: true, force: true }))

  async function makeBase(sizeGiB: number): Promise<string> {
    await mkdir(join(dataDir, 'images'), { recursive: true })
    const path = join(dataDir, 'images', 'base.qcow2')
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, `${sizeGiB}G`])
    return path
  }

  function describeDisk(id: string): Record<string, unknown> {
    return JSON.parse(execFileSync('qemu-img', ['info', '--output=json', disks.pathOf(id)], { encoding: 'utf8' }))
  }

  test('a disk from an image is an overlay that names its base and its format', async () => {
    await disks.ensure({ id: 'd-1', sizeGiB: 3, basePath: await makeBase(2) })
    expect(describeDisk('d-1')).toMatchObject({
      'virtual-size': 3 * 1024 ** 3,
      'backing-filename': '../images/base.qcow2',
      'backing-filename-format': 'qcow2',
    })
    expect(await disks.list()).toEqual(['d-1'])
  })

  test('making a disk again keeps what is on it', async () => {
    await disks.ensure({ id: 'd-1', sizeGiB: 1 })
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x55 0 4096', disks.pathOf('d-1')])
    await disks.ensure({ id: 'd-1', sizeGiB: 1 })
    const read = spawnSync('qemu-io', ['-f', 'qcow2', '-c', 'read -P 0x55 0 4096', disks.pathOf('d-1')])
    expect(read.status).toBe(0)
  })

  test('what an interrupted attempt left is overwritten, and removed with the disk', async () => {
    await writeFile(join(disks.path, '.d-1.new'), 'half a disk')
    await disks.ensure({ id: 'd-1', sizeGiB: 1 })
    await writeFile(join(disks.path, '.d-1.new'), 'half a disk')
    await disks.remove('d-1')
    await disks.remove('d-1')
    expect(await readdir(disks.path)).toEqual([])
  })

  test('an encrypted disk holds nothing readable, opens with its key alone, and grows', async () => {
    const secret = randomBytes(32).toString('base64')
    await disks.ensure({ id: 'd-1', sizeGiB: 3, basePath: await makeBase(2), secret })
    expect(describeDisk('d-1')).toMatchObject({ encrypted: true, 'backing-filename': '../images/base.qcow2' })
    const io = (key: string, command: string) => {
      const object = ['--object', `secret,id=key,data=${key}`]
      const opened = `driver=qcow2,encrypt.key-secret=key,file.filename=${disks.pathOf('d-1')}`
      return spawnSync('qemu-io', [...object, '--image-opts', '-c', command, opened]).status
    }
    expect(io(secret, 'write -P 0x55 0 65536')).toBe(0)
    expect((await readFile(disks.pathOf('d-1'))).includes(Buffer.alloc(64, 0x55))).toBe(false)
    await disks.grow('d-1', 4, secret)
    expect(await disks.findSizeGiB('d-1')).toBe(4)
    expect(io(secret, 'read -P 0x55 0 65536')).toBe(0)
    expect(io(randomBytes(32).toString('base64'), 'read 0 512')).not.toBe(0)
    await expect(disks.grow('d-1', 5)).rejects.toThrow('key-secret')
  })

  test('keys lie in memory only while they are used', async () => {
    let seen = ''
    await withSecretFile('the key', undefined, async (path) => {
      seen = path
      expect(await readFile(path, 'utf8')).toBe('the key')
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    })
    await expect(stat(seen)).rejects.toThrow('ENOENT')
  })

  test('a disk grows', async () => {
    await disks.ensure({ id: 'd-1', sizeGiB: 1 })
    await disks.grow('d-1', 5)
    expect(await disks.findSizeGiB('d-1')).toBe(5)
  })

  test('a disk smaller than its image, or without it, is refused', async () => {
    const basePath = await makeBase(2)
    await expect(disks.ensure({ id: 'd-1', sizeGiB: 1, basePath })).rejects.toThrow('smaller than its image')
    await expect(disks.ensure({ id: 'd-1', sizeGiB: 1, basePath: `${basePath}x` })).rejects.toThrow('not on this host')
    expect(await readdir(disks.path)).toEqual([])
  })

  test.skipIf(!isRoot)('a full host gives an error that says so, and no disk (needs root)', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'pileus-test', disks.path])
    try {
      await expect(disks.ensure({ id: 'd-1', sizeGiB: 1 })).rejects.toThrow(DiskFullError)
      expect(await disks.list()).toEqual([])
    } finally {
      execFileSync('umount', ['--lazy', disks.path])
    }
  })

  test.skipIf(!isRoot)('a disk belongs to the unprivileged owner and nobody else reads it (needs root)', async () => {
    await disks.ensure({ id: 'd-1', sizeGiB: 1 })
    await disks.giveTo('d-1', 64321)
    expect(await stat(disks.pathOf('d-1'))).toMatchObject({ uid: 64321, gid: 64321, mode: 0o100600 })
  })
})
