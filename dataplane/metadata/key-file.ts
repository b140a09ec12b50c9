import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { effect } from '@pileus/kernel/effects'

/** The secret key kept in `file`, made on first use. Only one process may do so at a time. */
export async function ensureKeyFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const key = randomBytes(32)
  await effect('metadata.key', async () => {
    await writeFile(`${file}.new`, key, { mode: 0o600 })
    await rename(`${file}.new`, file)
  })
  return key
}
