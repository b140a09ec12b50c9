/**
 * Gives waiting entries their place in the log. One transaction moves a batch, grows the tree and signs its checkpoint,
 * under a lock that all processes of the cell share, so that a process may end at any instant: either all of it
 * happened or the entries wait on.
 */
import { checkpointText, createSigner, newSigningKey } from '@pileus/kernel/audit/note'
import { type Edge, grow, rootOfEdge } from '@pileus/kernel/audit/tiles'
import type { SecretBox } from '@pileus/kernel/secret-box'
import { type Db, lockNamed, type Store } from '@pileus/kernel/store/store'
import { listWaitingRegions } from './tables/inbox.ts'
import {
  findLog,
  insertLog,
  type LogRow,
  readEdge,
  readInboxByIndex,
  sequenceWaiting,
  setSize,
  vacuumInbox,
  writeTiles,
} from './tables/log.ts'

/** Most entries placed by one transaction. */
const batchSize = 4_096
/** Space of the inbox is reclaimed when so many of its entries were placed. */
const vacuumAfter = 20_000

export interface SequencerParts {
  store: Store
  secretBox: SecretBox
  cellId: string
}

export interface Sequencer {
  /** Places everything that waits. */
  placeWaiting(): Promise<void>
  /** The log of a region, made with a key of its own when there is none. */
  ensureLog(regionId: string): Promise<LogRow>
}

interface Placed {
  count: number
  after?: { size: number; edge: Edge }
}

export function createSequencer({ store, secretBox, cellId }: SequencerParts): Sequencer {
  // What this process placed last: right as long as no other process placed more since.
  const edges = new Map<string, Placed['after'] & object>()
  let placedSinceVacuum = 0
  const contextOf = (regionId: string): string => `actiontrail.log/${regionId}`

  const ensureLog = async (regionId: string): Promise<LogRow> => {
    const found = await findLog(store.db, regionId)
    if (found) return found
    const origin = `pileus.audit/${cellId}/${regionId}`
    const privateKey = newSigningKey()
    const signer = createSigner(origin, privateKey)
    await insertLog(store.db, {
      regionId,
      origin,
      verifierKey: signer.verifierKey,
      sealedKey: secretBox.seal(privateKey, contextOf(regionId)),
      size: 0,
      checkpoint: signer.sign(checkpointText({ origin, size: 0, root: rootOfEdge([]) })),
    })
    return await ensureLog(regionId)
  }

  const placeBatch = async (tx: Db, regionId: string): Promise<Placed> => {
    await lockNamed(tx, `actiontrail.sequence/${regionId}`)
    const log = await findLog(tx, regionId)
    if (!log) throw new Error(`the log of ${regionId} is gone`)
    await readInboxByIndex(tx)
    const leaves = await sequenceWaiting(tx, regionId, log.size, batchSize)
    if (leaves.length === 0) return { count: 0 }
    const known = edges.get(regionId)
    const edge = known?.size === log.size ? known.edge : await readEdge(tx, regionId, log.size)
    const grown = grow(log.size, edge, leaves)
    const size = log.size + leaves.length
    await writeTiles(tx, regionId, grown.tiles)
    const signer = createSigner(log.origin, secretBox.open(log.sealedKey, contextOf(regionId)))
    const root = rootOfEdge(grown.edge)
    await setSize(tx, regionId, size, signer.sign(checkpointText({ origin: log.origin, size, root })))
    return { count: leaves.length, after: { size, edge: grown.edge } }
  }

  return {
    ensureLog,
    async placeWaiting() {
      for (const regionId of await listWaitingRegions(store.db)) {
        await ensureLog(regionId)
        let placed: Placed
        do {
          placed = await store.db.transaction().execute((tx) => placeBatch(tx, regionId))
          // Only what is committed may be remembered: another process may have placed others up to the same size.
          if (placed.after) edges.set(regionId, placed.after)
          placedSinceVacuum += placed.count
        } while (placed.count === batchSize)
      }
      if (placedSinceVacuum >= vacuumAfter) {
        placedSinceVacuum = 0
        await vacuumInbox(store.db)
      }
    },
  }
}
