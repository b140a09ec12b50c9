/** Where a published log is read from: a directory, or a web server. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePath, type Tile, tilePath, tileWidth } from '@pileus/kernel/audit/tiles'
import type { LogSource } from '@pileus/kernel/audit/verify'
import { CliError } from './cli-error.ts'

/** Files of the log, by their paths; undefined when there is none. */
type ReadFile = (path: string) => Promise<Buffer | undefined>

export interface OpenLog extends LogSource {
  /** For messages. */
  readonly place: string
  /** The key that lies beside the log, when one does. */
  readVerifierKey(): Promise<string | undefined>
}

export function openDirectory(directory: string): OpenLog {
  return openLog(directory, true, async (path) => {
    const file = join(directory, path)
    return existsSync(file) ? readFileSync(file) : undefined
  })
}

/** Longest answer that is taken, in bytes: a bundle has at most 256 entries of 64 KiB. */
const maxAnswerBytes = 17 * 1024 * 1024

/** `url` is the log's prefix. @throws CliError when the server cannot be reached */
export async function openUrl(url: string): Promise<OpenLog> {
  const prefix = url.replace(/\/+$/, '')
  const read: ReadFile = async (path) => {
    const response = await fetch(`${prefix}/${path}`, { signal: AbortSignal.timeout(30_000) }).catch((error) => {
      throw new CliError(`cannot read ${prefix}/${path}: ${error.cause?.message ?? error.message}`)
    })
    if (response.status === 404) return undefined
    if (!response.ok) throw new CliError(`${prefix}/${path} answers ${response.status}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    if (bytes.length > maxAnswerBytes) throw new CliError(`${prefix}/${path} is larger than any file of a log`)
    return bytes
  }
  // A cloud shows everybody its tree, and its operators alone the entries.
  const hasEntries = (await read('tile/entries/000').catch(() => undefined)) !== undefined
  return openLog(prefix, hasEntries, read)
}

function openLog(place: string, hasEntries: boolean, read: ReadFile): OpenLog {
  // A partial file may have gone once the full one is there, which begins with it.
  const readEither = async (pathOf: (width: number) => string, width: number): Promise<Buffer | undefined> =>
    (await read(pathOf(width))) ?? (width < tileWidth ? await read(pathOf(tileWidth)) : undefined)
  return {
    place,
    readCheckpoint: async () => (await read('checkpoint'))?.toString('utf8'),
    readVerifierKey: async () => (await read('verifier-key'))?.toString('utf8').trim(),
    readTile: (tile: Tile) => readEither((width) => tilePath({ ...tile, width }), tile.width),
    readBundle: hasEntries ? (index, width) => readEither((of) => bundlePath(index, of), width) : undefined,
  }
}
