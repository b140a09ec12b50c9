/**
 * Brings a snapshot to the regions one after the other. A region that refuses it, or that is not well with it, ends the
 * roll-out: that region keeps what it had, those after it are not asked, and the operator is told.
 */
import type { Log } from '@pileus/kernel/log'
import type { RegionCopy } from './region-copy.ts'
import type { Refusal, SignedSnapshot, Snapshot } from './snapshot.ts'

export type RollOut = { kind: 'done'; regions: string[] } | { kind: 'stopped'; regionId: string; reason: string }

export async function rollOut(
  copies: readonly RegionCopy[],
  signed: SignedSnapshot,
  /** Why the region is not well with the snapshot that it has just taken; undefined when it is. */
  findFault: (snapshot: Snapshot, regionId: string) => Promise<string | undefined> | string | undefined,
  log: Pick<Log, 'error'>,
  /** An operator has said that principals are gone on purpose. */
  acceptsFewer = false,
): Promise<RollOut> {
  const regions: string[] = []
  for (const copy of copies) {
    const taken = await copy.take(signed, acceptsFewer)
    const snapshot = copy.current()
    const fault = taken.kind === 'refused' ? reasonOf(taken) : snapshot && (await findFault(snapshot, copy.regionId))
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

function reasonOf({ why, reason }: Refusal): string {
  return why === 'fewer' ? `${reason}. If they were deleted on purpose, run: pileus ram accept-snapshot` : reason
}
