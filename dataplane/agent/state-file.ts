/** Small JSON files that survive a death at any instant: the old content or the new one, never half. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { effect } from '@pileus/kernel/effects'

/** Replaces the file's content and waits until it is on the disk. `name` is the effect's. */
export async function writeStateFile(name: string, path: string, value: unknown): Promise<void> {
  await effect(name, async () => {
    const fresh = `${path}.new`
    const file = await open(fresh, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(value))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
    const directory = await open(dirname(path), 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  })
}

/** Content of the file; undefined when there is none. @throws SyntaxError when it is not JSON */
export async function findStateFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
