/**
 * What agents report of disks that are on their way.
 *
 * A disk is free when its agent has an answer that does not name it with the instance, and reports the machine without
 * it; it is gone when its agent has an answer that does not name it at all, and reports no content of it. Until then it
 * is nobody else's: a report from before the answer proves nothing, and neither does an answer on its way.
 */
import { effect } from '@pileus/kernel/effects'
import type { ObservedDisk, ObservedMachine } from '@pileus/kernel/fabric/machines'
import type { Db, Store } from '@pileus/kernel/store/store'
import { endDisk } from '../release.ts'
import { freeDisks, listUnsettledDisks, noteDiskReady, removeDeletedDisk } from '../tables/disk-moves.ts'
import type { DiskRow } from '../tables/schema.ts'
import type { HostSyncRequest } from './sync.ts'

/** What an agent's answer withdraws when it stops naming the disk with the instance. */
export function detachmentOf(disk: Pick<DiskRow, 'id' | 'instance_id'>): string {
  return `${disk.instance_id}/${disk.id}`
}

/** Of one agent. `hasLetGo` tells whether it has an answer without what it names. */
export interface DiskReport {
  request: HostSyncRequest
  hasLetGo: (withdrawn: string) => boolean
  /** Takes note that what was withdrawn is gone. */
  settled: (withdrawn: string) => void
}

export async function applyDiskReports(
  deps: { store: Store; now: () => Date },
  reports: ReadonlyMap<string, DiskReport>,
): Promise<void> {
  const { db } = deps.store
  for (const disk of await listUnsettledDisks(db, [...reports.keys()])) {
    const report = reports.get(disk.pool_id ?? '')
    if (!report) continue
    const machine = report.request.observed.find((one) => one.id === disk.instance_id)
    switch (disk.status) {
      case 'Attaching':
      case 'ReIniting':
        await noteReady(db, disk, machine)
        break
      case 'Detaching':
        if (machine && (machine.disks === undefined || findDisk(machine, disk))) break
        if (!report.hasLetGo(detachmentOf(disk))) break
        await effect('database.diskFree', () => freeDisks(db, [disk], deps.now()))
        report.settled(detachmentOf(disk))
        break
      case 'Deleting':
        if (report.request.diskIds === undefined || report.request.diskIds.includes(disk.id)) break
        if (!report.hasLetGo(disk.id)) break
        await effect('database.diskGone', () => deps.store.transaction((tx) => endDeletedDisk(tx, disk.id)))
        report.settled(disk.id)
        break
      default:
    }
  }
}

async function noteReady(db: Db, disk: DiskRow, machine: ObservedMachine | undefined): Promise<void> {
  const seen = machine && findDisk(machine, disk)
  if (!seen?.ready || seen.incarnation < disk.incarnation) return
  await effect('database.diskReady', () => noteDiskReady(db, disk, seen.incarnation))
}

/** In its newest incarnation. */
function findDisk(machine: ObservedMachine, disk: DiskRow): ObservedDisk | undefined {
  const all = (machine.disks ?? []).filter((one) => one.id === disk.id)
  return all.sort((a, b) => b.incarnation - a.incarnation)[0]
}

async function endDeletedDisk(tx: Db, diskId: string): Promise<void> {
  const row = await removeDeletedDisk(tx, diskId)
  if (row) await endDisk(tx, row)
}
