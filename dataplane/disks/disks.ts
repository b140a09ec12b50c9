/**
 * Virtual disks as qcow2 files in one flat directory: `<dataDir>/disks/<volume>.qcow2`. Ids here are those of volumes.
 *
 * A disk appears under its name only when it is complete: it is made beside it, flushed and renamed. What a death in
 * between leaves is overwritten by the next attempt and removed with the disk.
 */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { effect } from '@pileus/kernel/effects'
import { withSecretFile } from './secret-file.ts'
import { VolumeHolders } from './volumes.ts'

const run = promisify(execFile)
const bytesPerGiB = 1024 ** 3
const lastAttempt = 10

/** This machine's storage has no room for what is being written. */
export class DiskFullError extends Error {
  constructor(doing: string, cause: unknown) {
    super(`${doing}: no space left on this host`, { cause })
    this.name = 'DiskFullError'
  }
}

export interface DiskRequest {
  id: string
  sizeGiB: number
  /** Absolute path of the qcow2 file whose content the disk starts with; absent for a blank disk. */
  basePath?: string | undefined
  /** Encrypts what is written to the disk; the base stays as it is. */
  secret?: string | undefined
}

export class DiskDirectory {
  readonly path: string
  readonly holders = new VolumeHolders()

  constructor(dataDir: string) {
    this.path = join(dataDir, 'disks')
  }

  /** Makes the directory; QEMU may pass through it but not list it. */
  async open(): Promise<void> {
    await mkdir(this.path, { recursive: true })
    await chmod(this.path, 0o711)
  }

  pathOf(diskId: string): string {
    return join(this.path, `${diskId}.qcow2`)
  }

  /** Ids of the complete disks. */
  async list(): Promise<string[]> {
    const names = await readdir(this.path)
    return names.filter((name) => name.endsWith('.qcow2') && !name.startsWith('.')).map((name) => name.slice(0, -6))
  }

  /** Size the guest sees; undefined when there is no such disk. */
  async findSizeGiB(diskId: string): Promise<number | undefined> {
    const bytes = await findVirtualSize(this.pathOf(diskId))
    return bytes === undefined ? undefined : bytes / bytesPerGiB
  }

  /** Makes the disk unless it exists. @throws DiskFullError; Error when the base is larger than the disk */
  async ensure(disk: DiskRequest): Promise<void> {
    if ((await this.findSizeGiB(disk.id)) !== undefined) return
    const doing = `making disk ${disk.id}`
    await this.#checkBase(disk)
    const fresh = this.#unfinishedPathOf(disk.id)
    await effect('disk.create', async () => {
      await rm(fresh, { force: true })
      const rest = [...this.#baseArguments(disk), fresh, `${disk.sizeGiB}G`]
      if (disk.secret === undefined) await this.#imageTool(doing, ['create', '-q', '-f', 'qcow2', ...rest])
      else {
        await withSecretFile(disk.secret, undefined, (path) =>
          this.#imageTool(doing, ['create', '-q', ...secretObject(path), '-f', 'qcow2', '-o', luks, ...rest]),
        )
      }
      await chmod(fresh, 0o600)
      await flush(doing, fresh)
    })
    await effect('disk.commit', async () => {
      await rename(fresh, this.pathOf(disk.id))
      await flush(doing, this.path)
    })
  }

  /** Gives a disk to the unprivileged user whose QEMU is to open it. */
  async giveTo(diskId: string, ownerUid: number): Promise<void> {
    await effect('disk.owner', () => chown(this.pathOf(diskId), ownerUid, ownerUid))
  }

  /** Takes a disk away from the user whose QEMU had it; nothing happens when there is none. */
  async takeBack(diskId: string): Promise<void> {
    const path = this.pathOf(diskId)
    await effect('disk.takeBack', async () => {
      const owner = await stat(path).catch(() => undefined)
      if (owner && owner.uid !== process.getuid?.()) await chown(path, process.getuid!(), process.getgid!())
    })
  }

  /** Enlarges a disk that no QEMU has open; an encrypted one needs its `secret`. */
  async grow(diskId: string, sizeGiB: number, secret?: string): Promise<void> {
    const doing = `enlarging disk ${diskId}`
    await effect('disk.grow', async () => {
      const path = this.pathOf(diskId)
      if (secret === undefined) await this.#imageTool(doing, ['resize', '-q', '-f', 'qcow2', path, `${sizeGiB}G`])
      else {
        const opened = `driver=qcow2,encrypt.key-secret=key,file.driver=file,file.filename=${path.replaceAll(',', ',,')}`
        await withSecretFile(secret, undefined, (file) =>
          this.#imageTool(doing, ['resize', '-q', ...secretObject(file), '--image-opts', opened, `${sizeGiB}G`]),
        )
      }
      await flush(doing, this.pathOf(diskId))
    })
  }

  /** Removes the disk and what an unfinished attempt left of it; nothing happens when there is neither. */
  async remove(diskId: string): Promise<void> {
    await effect('disk.remove', async () => {
      await rm(this.#unfinishedPathOf(diskId), { force: true })
      await rm(this.pathOf(diskId), { force: true })
      await flush(`removing disk ${diskId}`, this.path)
    })
  }

  #unfinishedPathOf(diskId: string): string {
    return join(this.path, `.${diskId}.new`)
  }

  /** The base is named relative to the disk, so that a data directory can be moved and QEMU need not see above it. */
  #baseArguments(disk: DiskRequest): string[] {
    return disk.basePath === undefined ? [] : ['-F', 'qcow2', '-b', relative(this.path, disk.basePath)]
  }

  async #checkBase(disk: DiskRequest): Promise<void> {
    if (disk.basePath === undefined) return
    const baseBytes = await findVirtualSize(disk.basePath)
    if (baseBytes === undefined) throw new Error(`making disk ${disk.id}: its image is not on this host`)
    if (baseBytes > disk.sizeGiB * bytesPerGiB) throw new Error(`disk ${disk.id} is smaller than its image`)
  }

  async #imageTool(doing: string, args: string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await run('qemu-img', args, { cwd: this.path, timeout: 60_000, maxBuffer: 65536 })
        return
      } catch (error) {
        // It times its key derivation by the processor's clock, which on a busy host may not have moved.
        const isUnlucky = String((error as { stderr?: unknown }).stderr).includes('Unable to get accurate CPU usage')
        if (!isUnlucky || attempt === lastAttempt) throw explain(doing, error)
      }
    }
  }
}

/** The key has 256 random bits, so there is nothing for a slow derivation to make harder. */
const luks = 'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10'

function secretObject(path: string): string[] {
  return ['--object', `secret,id=key,file=${path}`]
}

/** Reads the virtual size, in bytes, from a qcow2 header; undefined when there is no such file. */
async function findVirtualSize(path: string): Promise<number | undefined> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0)
    if (bytesRead < 32 || buffer.toString('latin1', 0, 4) !== 'QFI\xfb') throw new Error(`${path} is not a qcow2 file`)
    return Number(buffer.readBigUInt64BE(24))
  } finally {
    await file.close()
  }
}

async function flush(doing: string, path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } catch (error) {
    throw explain(doing, error)
  } finally {
    await file.close()
  }
}

function explain(doing: string, error: unknown): Error {
  const { code, stderr } = error as { code?: unknown; stderr?: unknown }
  if (code === 'ENOENT')
    return new Error('qemu-img is missing: install the Debian package qemu-utils', { cause: error })
  const said = String(stderr ?? '').trim()
  if (code === 'ENOSPC' || said.includes('No space left on device')) return new DiskFullError(doing, error)
  return new Error(`${doing}: ${said.split('\n').at(-1) || String(error)}`, { cause: error })
}
