import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { runTool } from './tool.ts'

export interface DiskImageOptions {
  /** Directory tree that becomes the content of the disk. Unless root runs this, all of it will belong to root. */
  rootDir: string
  sizeGiB: number
  label: string
  /** Identity of the file system, fixed so that equal content makes equal images. */
  uuid: string
  /** Where the qcow2 file is written. */
  target: string
  scratchDir: string
  signal: AbortSignal | undefined
}

/** Makes a qcow2 disk that holds one ext4 file system, without a partition table: guests find it as /dev/vda. */
export async function makeDiskImage(options: DiskImageOptions): Promise<void> {
  const { rootDir, sizeGiB, label, uuid, target, scratchDir, signal } = options
  const raw = join(scratchDir, 'disk.raw')
  await effect('make raw disk', async () => {
    const handle = await open(raw, 'w')
    try {
      await handle.truncate(sizeGiB * 1024 ** 3)
    } finally {
      await handle.close()
    }
  })
  const extended = `lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0,hash_seed=${uuid}`
  const args = ['-q', '-F', '-t', 'ext4', '-d', rootDir, '-L', label, '-U', uuid, '-m', '1', '-E', extended, raw]
  if (process.getuid?.() === 0) await runTool('mke2fs', args, { signal })
  else await runTool('fakeroot', ['mke2fs', ...args], { signal })
  await runTool('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, target], { signal })
  await effect('remove raw disk', () => rm(raw))
}
