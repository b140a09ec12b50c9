import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import type { DiskRow, DiskStatus } from '../tables/schema.ts'

/** Statuses each action accepts; any other answers `IncorrectDiskStatus`. */
const acceptedFrom = {
  AttachDisk: ['Available'],
  DeleteDisk: ['Available'],
  /** A disk that its machine cannot take can be taken back. */
  DetachDisk: ['In_use', 'Attaching'],
  ModifyDiskSpec: ['Available', 'In_use'],
  ReInitDisk: ['In_use'],
  ResizeDisk: ['Available', 'In_use'],
} as const satisfies Record<string, readonly DiskStatus[]>

/** @throws IncorrectDiskStatus */
export function assertDiskStatus(action: keyof typeof acceptedFrom, disk: Pick<DiskRow, 'id' | 'status'>): void {
  const accepted: readonly DiskStatus[] = acceptedFrom[action]
  if (accepted.includes(disk.status)) return
  const expected = accepted.join(' or ')
  throw apiError(errors.IncorrectDiskStatus, { diskId: disk.id, status: disk.status, action, expected })
}
