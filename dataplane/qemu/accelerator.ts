/**
 * Proves that an accelerator works by running a guest on it. That `/dev/kvm` exists, and even opens, proves nothing:
 * in some nested machines no guest ever gets to run, or only until it leaves real mode. So the guest is the real
 * firmware, which changes modes and drives a disk, and then a boot sector that reports through an exit port.
 */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject } from './message-socket.ts'
import { dropCommand, type LaunchOptions } from './process.ts'

/** What the guest writes to the exit port; QEMU then ends with twice this plus one. */
const proofByte = 0x15

export interface ProofOptions extends Pick<LaunchOptions, 'uid' | 'groups'> {
  binary?: string
  deadlineMs?: number
}

/** Whether a guest on this accelerator executes instructions within the deadline. Never throws. */
export async function proveAccelerator(
  accelerator: 'kvm' | 'tcg',
  { binary = 'qemu-system-x86_64', deadlineMs = 5000, ...user }: ProofOptions = {},
): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'pileus-proof-'))
  try {
    const disk = join(directory, 'proof.img')
    await writeFile(disk, proofDisk())
    // Machines run under another user, who has to get here.
    await chmod(directory, 0o755)
    const command = [...dropCommand(user), binary, ...proofArguments(accelerator, disk)]
    return (await runProof(command, deadlineMs)) === proofByte * 2 + 1
  } catch {
    return false
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** As `proveAccelerator('kvm')`, asked once per boot of this machine; the answer is kept in `cacheFile`. */
export async function proveKvm(cacheFile: string, options: ProofOptions = {}): Promise<boolean> {
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const cached = await readCache(cacheFile)
  if (cached?.bootId === bootId) return cached.works
  const works = await proveAccelerator('kvm', options)
  await writeFile(cacheFile, JSON.stringify({ bootId, works }))
  return works
}

async function readCache(file: string): Promise<{ bootId: string; works: boolean } | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (!isJsonObject(value)) return undefined
    const { bootId, works } = value
    return typeof bootId === 'string' && typeof works === 'boolean' ? { bootId, works } : undefined
  } catch {
    return undefined
  }
}

/** A disk whose boot sector is the proof; the firmware passes over disks that are smaller than a megabyte. */
function proofDisk(): Buffer {
  const disk = Buffer.alloc(1 << 20)
  // mov al, proofByte; out 0xf4, al; hlt; jmp back to hlt
  Buffer.from([0xb0, proofByte, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd]).copy(disk)
  disk.writeUInt16LE(0xaa55, 510)
  return disk
}

async function runProof([program, ...args]: readonly string[], deadlineMs: number) {
  const child = spawn(program!, args, { stdio: 'ignore' })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })
  const stop = new AbortController()
  const deadline = sleep(deadlineMs, undefined, { signal: stop.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  )
  try {
    return await ended
  } finally {
    stop.abort()
    await deadline
  }
}

/** The processor is the one that machines get: some hosts run simple guests and fail at a full processor. */
function proofArguments(accelerator: 'kvm' | 'tcg', disk: string): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'q35', '-m', '64'],
    ...['-accel', accelerator, '-cpu', accelerator === 'kvm' ? 'host' : 'max'],
    ...['-blockdev', JSON.stringify({ driver: 'file', 'node-name': 'proof', filename: disk, 'read-only': true })],
    ...['-device', 'virtio-blk-pci,drive=proof', '-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
  ]
}
