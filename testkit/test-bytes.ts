/** Byte stores of a test's own: the real ones, in a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegionStores } from '@pileus/dataplane/objects/region-stores'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'

export interface TestBytes extends AsyncDisposable {
  bytes: RegionBytes
}

export async function openTestBytes(): Promise<TestBytes> {
  const directory = mkdtempSync(join(tmpdir(), 'pileus-bytes-'))
  const bytes = await openRegionStores({ directory })
  return {
    bytes,
    async [Symbol.asyncDispose]() {
      await bytes.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
