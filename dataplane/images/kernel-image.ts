import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { runTool } from './tool.ts'

/**
 * Writes the kernel inside a compressed one (bzImage) to `target`, as an ELF file. QEMU starts that by the PVH entry
 * and the guest is spared decompressing itself, a tenth of its start where the CPU is emulated. A kernel that is not
 * packed with LZ4, as Debian's is, is copied as it is; QEMU starts either.
 */
export async function writeUnpackedKernel(
  bzImage: string,
  target: string,
  { scratchDir, signal }: { scratchDir: string; signal: AbortSignal | undefined },
): Promise<void> {
  const image = await readFile(bzImage)
  const payload = payloadOf(image)
  if (payload.length < 4 || payload.readUInt32LE(0) !== lz4LegacyMagic) {
    await effect('write kernel', () => writeFile(target, image))
    return
  }
  const packed = join(scratchDir, 'vmlinux.lz4')
  await effect('write packed kernel', () => writeFile(packed, payload))
  await runTool('lz4', ['-q', '-f', '-d', packed, target], { signal })
}

const lz4LegacyMagic = 0x184c2102

/** The packed kernel, where the header of the x86 boot protocol (2.08 and later) says it is; empty if there is none. */
function payloadOf(image: Buffer): Buffer {
  if (image.length < 0x250 || image.toString('latin1', 0x202, 0x206) !== 'HdrS') return Buffer.alloc(0)
  const setupBytes = ((image[0x1f1] || 4) + 1) * 512
  const start = setupBytes + image.readUInt32LE(0x248)
  // The last four bytes hold the size when unpacked.
  return image.subarray(start, start + image.readUInt32LE(0x24c) - 4)
}
