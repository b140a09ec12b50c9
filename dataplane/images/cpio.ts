/**
 * Writes the archive format that the Linux kernel unpacks as an initramfs ("newc").
 * Written here, not with cpio(1), because device nodes would need root there.
 */

/** One entry. Paths are relative, without a leading slash; parents come before what they hold. */
export type CpioEntry =
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'file'; path: string; mode: number; content: Uint8Array }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'device'; path: string; mode: number; major: number; minor: number }

const typeBits = { directory: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 } as const

/** The archive's bytes. Everything belongs to root and is dated `mtimeS` (seconds since 1970). */
export function cpioArchive(entries: readonly CpioEntry[], mtimeS = 0): Buffer {
  const parts: Buffer[] = []
  const all = [...entries, { kind: 'file', path: 'TRAILER!!!', mode: 0, content: new Uint8Array() } as const]
  all.forEach((entry, index) => {
    const content =
      entry.kind === 'file' ? Buffer.from(entry.content) : Buffer.from(entry.kind === 'link' ? entry.target : '')
    const permissions = entry.kind === 'link' ? 0o777 : entry.mode
    const name = Buffer.from(`${entry.path}\0`)
    const fields = [
      index + 1,
      typeBits[entry.kind] | permissions,
      0, // uid
      0, // gid
      entry.kind === 'directory' ? 2 : 1,
      mtimeS,
      content.length,
      0,
      0,
      entry.kind === 'device' ? entry.major : 0,
      entry.kind === 'device' ? entry.minor : 0,
      name.length,
      0, // checksum, unused in this format
    ]
    const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
    parts.push(padded(Buffer.concat([header, name])), padded(content))
  })
  return Buffer.concat(parts)
}

function padded(bytes: Buffer): Buffer {
  const missing = (4 - (bytes.length % 4)) % 4
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)])
}
