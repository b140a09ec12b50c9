import type { ByteStore } from './bytes.ts'

/**
 * The byte stores of all regions. Each region has its own, so that its bytes are on its own disks and nowhere else;
 * locations say whose they are. As a byte store itself it reads, releases and sweeps whatever region a location is of.
 */
export interface RegionBytes extends Omit<ByteStore, 'put'> {
  /** What is put there is in that region; it does not give bytes of another region. */
  of(regionId: string): ByteStore
}
