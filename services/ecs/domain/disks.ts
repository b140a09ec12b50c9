/** Disk categories and sizes. */
import { maxDataDisks } from './instance-types.ts'

export interface DiskCategory {
  id: string
  /** For data disks, GiB. */
  minGiB: number
  maxGiB: number
}

export const diskCategories: readonly DiskCategory[] = [
  { id: 'cloud_efficiency', minGiB: 20, maxGiB: 32_768 },
  { id: 'cloud_ssd', minGiB: 20, maxGiB: 32_768 },
  { id: 'cloud_essd', minGiB: 20, maxGiB: 32_768 },
  { id: 'cloud_auto', minGiB: 1, maxGiB: 65_536 },
  { id: 'cloud_essd_entry', minGiB: 10, maxGiB: 32_768 },
  { id: 'cloud', minGiB: 5, maxGiB: 2_000 },
]

export function findDiskCategory(id: string): DiskCategory | undefined {
  return diskCategories.find((category) => category.id === id)
}

/** System disks hold at least the image. */
export function systemDiskLimits(imageSizeGiB: number): { minGiB: number; maxGiB: number; defaultGiB: number } {
  return { minGiB: Math.max(1, imageSizeGiB), maxGiB: 2048, defaultGiB: Math.max(20, imageSizeGiB) }
}

/** `/dev/xvda` for the system disk, `/dev/xvdb` … for data disks by their place. */
export function deviceName(index: number): string {
  return `/dev/xvd${String.fromCharCode(97 + index)}`
}

/** Unattached disks that an account can have in a region. */
export const maxFreeDisks = 500

/** The first device from `/dev/xvdb` on that is not taken; undefined when the machine has as many as it can. */
export function findFreeDevice(taken: readonly string[]): string | undefined {
  const devices = Array.from({ length: maxDataDisks }, (_, index) => deviceName(index + 1))
  return devices.find((device) => !taken.includes(device))
}

/** Performance level of enhanced SSDs; other categories have none. */
export function performanceLevelOf(category: string, asked: string | undefined): string {
  return category === 'cloud_essd' ? asked || 'PL1' : ''
}
