/**
 * Writes the log of a region as static files in the layout of C2SP tlog-tiles, the checkpoint last, so that whoever
 * reads a checkpoint finds all of its tiles. The database is what the files are made from; they can be made again.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { rootAt } from '@pileus/kernel/audit/merkle'
import { type Checkpoint, parseCheckpoint } from '@pileus/kernel/audit/note'
import { bundlePath, packBundle, subtreesOf, type Tile, tilePath, tilesOf, tileWidth } from '@pileus/kernel/audit/tiles'
import { type Db, lockNamed, type Store } from '@pileus/kernel/store/store'
import { findLog, type LogRow, listBodies, listLogs, readTile } from './tables/log.ts'

export const checkpointFile = 'checkpoint'
export const verifierKeyFile = 'verifier-key'

export interface Publisher {
  /**
   * Brings the files of a region up to its log. @throws Error when the files show a longer or another log than the
   * database: then it was set back or changed, and publishing would sign a second history.
   */
  publish(regionId: string): Promise<void>
  /** Regions whose logs have grown since this process published them, or that it has not looked at yet. */
  listBehind(): Promise<string[]>
}

/** `directory` gets one folder per region. */
export function createPublisher(store: Store, directory: string): Publisher {
  // Sizes of what this process has published or found published, by region.
  const publishedSizes = new Map<string, number>()
  return {
    async listBehind() {
      const logs = await listLogs(store.db)
      return logs.filter((log) => publishedSizes.get(log.regionId) !== log.size).map((log) => log.regionId)
    },
    async publish(regionId) {
      await store.db.transaction().execute(async (tx) => {
        await lockNamed(tx, `actiontrail.publish/${regionId}`)
        const log = await findLog(tx, regionId)
        if (!log) return
        const folder = join(directory, regionId)
        const published = await readPublished(folder)
        // What another process published since, it compared.
        if (published && !publishedSizes.has(regionId)) await compare(tx, log, published)
        if (published?.size !== log.size) await writeFiles(tx, log, published?.size ?? 0, folder)
        publishedSizes.set(regionId, log.size)
      })
    },
  }
}

/** Writes all of a log into an empty folder, from the database alone. */
export async function exportLog(store: Store, regionId: string, folder: string): Promise<LogRow | undefined> {
  return await store.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const log = await findLog(tx, regionId)
      if (log) await writeFiles(tx, log, 0, folder)
      return log
    })
}

async function readPublished(folder: string): Promise<Checkpoint | undefined> {
  const text = await readFile(join(folder, checkpointFile), 'utf8').catch((error) => {
    if (isAbsent(error)) return undefined
    throw error
  })
  return text === undefined ? undefined : parseCheckpoint(text)
}

async function compare(db: Db, log: LogRow, published: Checkpoint): Promise<void> {
  const where = `the log of ${log.regionId}`
  if (published.size > log.size) {
    throw new Error(
      `${where} has ${log.size} entries in the database, but ${published.size} were published: the database was set ` +
        'back. Restore a later backup; nothing is published until then.',
    )
  }
  const root = await rootAt(
    published.size,
    subtreesOf(log.size, (tile) => readTile(db, log.regionId, tile)),
  )
  if (!root.equals(published.root)) {
    throw new Error(
      `${where} is not the one whose first ${published.size} entries were published; restore its database`,
    )
  }
}

async function writeFiles(db: Db, log: LogRow, publishedSize: number, folder: string): Promise<void> {
  for (const tile of tilesOf(log.size, publishedSize)) {
    if (tile.level === 0) await writeBundle(db, log.regionId, tile, folder)
    await writeDurably(join(folder, tilePath(tile)), await readTile(db, log.regionId, tile))
  }
  await writeDurably(join(folder, verifierKeyFile), `${log.verifierKey}\n`)
  await writeDurably(join(folder, checkpointFile), log.checkpoint)
  // The full tiles have taken the place of these.
  for (const tile of tilesOf(log.size, publishedSize)) {
    if (tile.width < tileWidth) continue
    await removeFolder(join(folder, `${tilePath(tile)}.p`))
    if (tile.level === 0) await removeFolder(join(folder, `${bundlePath(tile.index, tileWidth)}.p`))
  }
}

async function writeBundle(db: Db, regionId: string, { index, width }: Tile, folder: string): Promise<void> {
  const bodies = await listBodies(db, regionId, index * tileWidth, width)
  if (bodies.length !== width) {
    throw new Error(
      `the log of ${regionId} lacks entries from ${index * tileWidth + bodies.length} on; restore its database`,
    )
  }
  await writeDurably(join(folder, bundlePath(index, width)), packBundle(bodies.map((body) => Buffer.from(body))))
}

/** Readers never see half a file. Calls go on meanwhile: the disk may take its time. */
async function writeDurably(file: string, content: string | Buffer): Promise<void> {
  const draft = `${file}.${process.pid}.new`
  const write = (): Promise<void> => writeFile(draft, content, { mode: 0o600, flush: true })
  try {
    await write()
  } catch (error) {
    if (!isAbsent(error)) throw error
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await write()
  }
  await rename(draft, file)
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
