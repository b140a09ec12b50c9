import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { MissingBytesError } from '@pileus/kernel/fabric/bytes'

/** Where a record is. Written `<volume>.<offset>.<bytes>`, numbers in base 36. */
export interface Place {
  volume: string
  /** Where the record begins in its volume. */
  offset: number
  /** Bytes that were put, without checksums. */
  bytes: number
}

/** No bytes need no volume. */
export const EMPTY_LOCATION = 'empty.0.0'

const LOCATION = /^(?:([ps][0-9a-f]{20})|empty)\.([0-9a-z]{1,10})\.([0-9a-z]{1,10})$/

export function formatLocation({ volume, offset, bytes }: Place): string {
  return `${volume}.${offset.toString(36)}.${bytes.toString(36)}`
}

/** @throws MissingBytesError what never was a location of this store */
export function parseLocation(location: string): Place {
  const found = LOCATION.exec(location)
  if (!found || (found[1] === undefined && location !== EMPTY_LOCATION)) throw new MissingBytesError(location)
  return { volume: found[1] ?? 'empty', offset: Number.parseInt(found[2]!, 36), bytes: Number.parseInt(found[3]!, 36) }
}

/** `packed` volumes hold many small records, `solo` volumes one large one. */
export type VolumeKind = 'packed' | 'solo'

export function newVolume(kind: VolumeKind): string {
  return `${kind === 'packed' ? 'p' : 's'}${randomBytes(10).toString('hex')}`
}

export function kindOf(volume: string): VolumeKind {
  return volume.startsWith('p') ? 'packed' : 'solo'
}

export function isVolume(name: string): boolean {
  return /^[ps][0-9a-f]{20}$/.test(name)
}

/** Names of files in a store's directory. Nothing a customer chose is ever part of one. */
export class StoreLayout {
  readonly packed: string
  readonly solo: string
  readonly released: string
  readonly processes: string

  constructor(directory: string) {
    const root = path.resolve(directory)
    this.packed = path.join(root, 'packed')
    this.solo = path.join(root, 'solo')
    this.released = path.join(root, 'released')
    this.processes = path.join(root, 'processes')
  }

  /** Solo volumes are spread over 256 directories, so that no directory grows to millions of names. */
  directoryOf(volume: string): string {
    return kindOf(volume) === 'packed' ? this.packed : path.join(this.solo, volume.slice(-2))
  }

  fileOf(volume: string): string {
    return path.join(this.directoryOf(volume), volume)
  }

  /** What `release` has said about a volume. */
  releasedFileOf(volume: string): string {
    return path.join(this.released, volume)
  }
}
