/**
 * How a record lies in its volume. Bytes are cut into blocks of 64 KiB, each with a CRC-32C; four blocks are a group:
 *
 *     crc0 crc1 crc2 crc3 | block0 block1 block2 block3      the last group has fewer, and a shorter last block
 *
 * Checksums stand before the bytes of their group, so that a small record is one read and a group can be given out as
 * one piece. Each checksum starts from a state made of volume, offset, number and length of the block: right bytes in
 * the wrong place (a misdirected or lost write, a wrong location) do not pass.
 *
 * There is no record header: the location says where a record is and how long, and nothing is believed without it.
 */
import { crc32c } from '@node-rs/crc32'
import { CorruptBytesError } from '@pileus/kernel/fabric/bytes'
import { formatLocation, type Place } from './location.ts'

export const BLOCK_BYTES = 64 * 1024
const BLOCKS_PER_GROUP = 4
export const GROUP_BYTES = BLOCK_BYTES * BLOCKS_PER_GROUP
const CRC_BYTES = 4

/** Bytes that a record of `bytes` takes on disk. */
export function storedBytes(bytes: number): number {
  return bytes + CRC_BYTES * Math.ceil(bytes / BLOCK_BYTES)
}

/** Bytes of the checksums in front of a group that holds `groupBytes`. */
export function tableBytes(groupBytes: number): number {
  return CRC_BYTES * Math.ceil(groupBytes / BLOCK_BYTES)
}

/** Computes the starting state of each block's checksum in one volume. */
export class BlockSeeds {
  readonly #volumeSeed: number
  constructor(volume: string) {
    this.#volumeSeed = crc32c(volume)
  }

  seed(recordOffset: number, block: number, blockBytes: number): number {
    let state = this.#volumeSeed
    state = scramble(state ^ (recordOffset >>> 0))
    state = scramble(state ^ Math.floor(recordOffset / 2 ** 32))
    state = scramble(state ^ block)
    return scramble(state ^ blockBytes) >>> 0
  }
}

function scramble(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) ^ (mixed >>> 16)
}

/**
 * Fills in the checksums of one group.
 * @param group checksums' room and bytes, as on disk
 * @param firstBlock number of the group's first block in its record
 */
export function sealGroup(
  group: Buffer,
  groupBytes: number,
  seeds: BlockSeeds,
  offset: number,
  firstBlock: number,
): void {
  const table = tableBytes(groupBytes)
  for (let at = 0, i = 0; at < groupBytes; at += BLOCK_BYTES, i++) {
    const length = Math.min(BLOCK_BYTES, groupBytes - at)
    const block = group.subarray(table + at, table + at + length)
    group.writeUInt32LE(crc32c(block, seeds.seed(offset, firstBlock + i, length)), i * CRC_BYTES)
  }
}

/** A piece of a record that is read at once: some blocks of one group. */
export interface ReadStep {
  /** In the volume. */
  tableAt: number
  tableBytes: number
  dataAt: number
  dataBytes: number
  firstBlock: number
  /** The part of the bytes that was asked for. */
  wantedFrom: number
  wantedTo: number
}

/** Steps that read bytes `from` to `to` (exclusive) of a record, touching only the blocks that hold them. */
export function* planSteps(place: Place, from: number, to: number): Generator<ReadStep> {
  for (let at = from; at < to; ) {
    const group = Math.floor(at / GROUP_BYTES)
    const groupFrom = group * GROUP_BYTES
    const groupTo = Math.min(groupFrom + GROUP_BYTES, place.bytes)
    const end = Math.min(to, groupTo)
    const tableAt = place.offset + storedBytes(groupFrom)
    const blockFrom = Math.floor((at - groupFrom) / BLOCK_BYTES)
    const dataFrom = groupFrom + blockFrom * BLOCK_BYTES
    const dataTo = Math.min(groupFrom + Math.ceil((end - groupFrom) / BLOCK_BYTES) * BLOCK_BYTES, groupTo)
    const table = tableBytes(groupTo - groupFrom)
    yield {
      tableAt: tableAt + blockFrom * CRC_BYTES,
      tableBytes: tableBytes(dataTo - dataFrom),
      dataAt: tableAt + table + (dataFrom - groupFrom),
      dataBytes: dataTo - dataFrom,
      firstBlock: dataFrom / BLOCK_BYTES,
      wantedFrom: at - dataFrom,
      wantedTo: end - dataFrom,
    }
    at = end
  }
}

/** @throws CorruptBytesError a block of the step is not what was written */
export function verifyStep(place: Place, step: ReadStep, table: Buffer, data: Buffer, seeds: BlockSeeds): void {
  for (let at = 0, i = 0; at < step.dataBytes; at += BLOCK_BYTES, i++) {
    const block = data.subarray(at, Math.min(at + BLOCK_BYTES, step.dataBytes))
    const number = step.firstBlock + i
    if (crc32c(block, seeds.seed(place.offset, number, block.length)) !== table.readUInt32LE(i * CRC_BYTES)) {
      throw new CorruptBytesError(formatLocation(place), `checksum of block ${number} differs`)
    }
  }
}
