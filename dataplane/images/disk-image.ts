import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { runTool } from './tool.ts'

export interface DiskImageOptions {
  /**
   * What becomes the content of the disk: a folder, all of which will belong to root (unless root runs this), or an
   * archive that says itself whom each file belongs to.
   */
  content: { folder: string } | { tar: string }
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
  const { content, sizeGiB, label, uuid, target, scratchDir, signal } = options
  const raw = join(scratchDir, 'disk.raw')
  await effect('make raw disk', async () => {
    const handle = await open(raw, 'w')
    try {
      await handle.truncate(sizeGiB * 1024 ** 3)
    } finally {
      await handle.close()
    }
  })
  const rootDir = 'folder' in content ? content.folder : join(scratchDir, 'unpacked')
  const extended = `lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0,hash_seed=${uuid}`
  const makeFs = [
    'mke2fs',
    '-q',
    '-F',
    '-t',
    'ext4',
    '-d',
    rootDir,
    '-L',
    label,
    '-U',
    uuid,
    '-m',
    '1',
    '-E',
    extended,
    raw,
  ]
  // Unpacking and reading back happen in one session, because fakeroot knows owners only as long as it lives.
  const unpack =
    'mkdir "$1" && tar --extract --numeric-owner --xattrs --directory "$1" --file "$2" && shift 2 && exec "$@"'
  const command = 'tar' in content ? ['sh', '-c', unpack, 'sh', rootDir, content.tar, ...makeFs] : makeFs
  if (process.getuid?.() === 0) await runTool('env', command, { signal })
  else await runTool('fakeroot', command, { signal })
  await runTool('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, target], { signal })
  await effect('remove raw disk', () => rm(raw))
}
