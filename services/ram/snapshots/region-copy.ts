/** The last good snapshot of one region, on the region's own disk. */
import type { KeyObject } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { judgeSnapshot, openSnapshot, type Refusal, type SignedSnapshot, type Snapshot } from './snapshot.ts'

export interface RegionCopy {
  readonly regionId: string
  /** What may be used; undefined before the first was taken. */
  current(): Snapshot | undefined
  /** Reads what an earlier process kept. A file that home did not sign is as none. */
  load(): Promise<void>
  /** Keeps and uses the snapshot, unless it is refused; then the one before stays. */
  take(signed: SignedSnapshot, acceptsFewer?: boolean): Promise<{ kind: 'taken' } | Refusal>
  /** Goes back to the snapshot before the last that was taken, where there was one. */
  restore(): Promise<void>
}

export function createRegionCopy(directory: string, regionId: string, publicKey: KeyObject): RegionCopy {
  const file = join(directory, `${regionId}.json`)
  let used: { signed: SignedSnapshot; snapshot: Snapshot } | undefined
  let before: typeof used
  return {
    regionId,
    current: () => used?.snapshot,
    async load() {
      const signed = await findSigned(file)
      const snapshot = signed && openSnapshot(publicKey, signed)
      if (signed && snapshot) used = { signed, snapshot }
    },
    async take(signed, acceptsFewer) {
      const judgement = judgeSnapshot(publicKey, signed, used?.snapshot, acceptsFewer)
      if (judgement.kind === 'refused') return judgement
      await keep(directory, file, signed)
      before = used
      used = { signed, snapshot: judgement.snapshot }
      return { kind: 'taken' }
    },
    async restore() {
      if (!before) return
      await keep(directory, file, before.signed)
      used = before
    },
  }
}

async function findSigned(file: string): Promise<SignedSnapshot | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SignedSnapshot
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The old file or the new one, never half of either. */
async function keep(directory: string, file: string, signed: SignedSnapshot): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const fresh = `${file}.${process.pid}.new`
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(signed))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
}
