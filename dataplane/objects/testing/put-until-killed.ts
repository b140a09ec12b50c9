/**
 * A process that puts objects until it is killed. Prints one line per answered put, `location sha256`, as a caller
 * would commit a row.
 */
import { createHash, randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openLocalStore } from '../local-store.ts'

const directory = process.argv[2]
if (directory === undefined) throw new Error('a directory is needed')
const store = await openLocalStore({ directory, volumeBytes: 2 * 1024 * 1024, packedBytes: 100_000 })

/** Mostly small; some of their own volume. */
function someBytes(): Buffer {
  const kind = Math.random()
  return randomBytes(Math.floor(Math.random() * (kind < 0.9 ? 8000 : kind < 0.97 ? 90_000 : 3_000_000)))
}

async function putForever(): Promise<never> {
  for (;;) {
    const content = someBytes()
    const { location } = await store.put([content])
    // Synchronous, so that a line is whole or absent.
    writeSync(1, `${location} ${createHash('sha256').update(content).digest('hex')}\n`)
  }
}

writeSync(1, 'ready\n')
await Promise.all(Array.from({ length: 16 }, putForever))
