/** Keys reach QEMU's programs in files that exist in memory only, and only while they are read. */
import { randomBytes } from 'node:crypto'
import { chown, mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const tmpfsMagic = 0x01021994
const places = ['/dev/shm', '/run']

/**
 * Calls `use` with the path of a file that holds `secret`, and removes the file whatever happens. `ownerUid` may read
 * it; nobody else but root.
 * @throws Error when this host has no file system in memory
 */
export async function withSecretFile<T>(
  secret: string,
  ownerUid: number | undefined,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const directory = join(await getMemoryPlace(), `pileus-${randomBytes(12).toString('hex')}`)
  await mkdir(directory, { mode: 0o700 })
  try {
    const path = join(directory, 'key')
    await writeFile(path, secret, { mode: 0o600 })
    if (ownerUid !== undefined) {
      await chown(path, ownerUid, ownerUid)
      await chown(directory, ownerUid, ownerUid)
    }
    return await use(path)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function getMemoryPlace(): Promise<string> {
  for (const place of places) {
    const found = await statfs(place).catch(() => undefined)
    if (found?.type === tmpfsMagic) return place
  }
  throw new Error(`encrypted disks need a tmpfs at ${places.join(' or ')}, where their keys pass through memory alone`)
}
