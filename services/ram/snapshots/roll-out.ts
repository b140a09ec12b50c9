/**
 * Brings a snapshot to the regions one after the other. A region that refuses it, or that is not well with it, ends the
 * roll-out: that region keeps what it had, those after it are not asked, and the operator is told.
 */
import type { Log } from '@pileus/kernel/log'
import type { RegionCopy } from './region-copy.ts'
import type { SignedSnapshot, Snapshot } from './snapshot.ts'

export type RollOut = { kind: 'done'; regions: string[] } | { kind: 'stopped'; regionId: string; reason: string }

export async function rollOut(
  copies: readonly RegionCopy[],
  signed: SignedSnapshot,
  /** Why the region is not well with the snapshot that it has just taken; undefined when it is. */
  findFault: (snapshot: Snapshot, regionId: string) => Promise<string | undefined> | string | undefined,
  log: Pick<Log, 'error'>,
): Promise<RollOut> {
  const regions: string[] = []
  for (const copy of copies) {
    const taken = await copy.take(signed)
    const snapshot = copy.current()
    const fault = taken.kind === 'refused' ? taken.reason : snapshot && (await findFault(snapshot, copy.regionId))
    if (fault !== undefined) {
      if (taken.kind === 'taken') await copy.restore()
      log.error(
        { regionId: copy.regionId, reason: fault },
        'a snapshot of identities is refused; the last good one stays',
      )
      return { kind: 'stopped', regionId: copy.regionId, reason: fault }
    }
    regions.push(copy.regionId)
  }
  return { kind: 'done', regions }
}
