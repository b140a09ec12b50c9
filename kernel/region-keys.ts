/**
 * Each region's root key, which its operator holds. Whatever a region keeps secret for customers is sealed under it,
 * so that a database or a backup without the key tells nothing.
 *
 * A region has a file `<region>.key` that says how its keys are kept (see region-key-file.ts) and holds one or more
 * generations: sealing uses the newest, opening the one that sealed. A region whose file cannot be opened, because its
 * passphrase or its token is missing, is *sealed*: it refuses, and the others go on.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type OpenedKeyFile,
  openKeyFile,
  openPlainKeyFile,
  removeOldGenerations,
  type UnlockSecrets,
  writeNewKeyFile,
} from './region-key-file.ts'
import { openXaes, sealXaes } from './xaes-gcm.ts'

export interface RegionKeys {
  /** `context` names what the secret is of; opening asks for the same. @throws RegionSealedError */
  seal(regionId: string, secret: Uint8Array, context: string): Buffer
  /** @throws RegionSealedError; Error when the box was altered, or sealed under another key or context */
  open(regionId: string, box: Buffer, context: string): Buffer
  state(regionId: string): RegionKeyState
  /** Reads files again that the operator has changed; done every few seconds by itself. */
  refresh(): Promise<void>
  /** Removes generations but the newest from a file that has not changed for a day. Nothing may be sealed under them. */
  dropOldGenerations(regionId: string): Promise<void>
}

export type RegionKeyState =
  | { kind: 'open'; provider: string; generation: number; hasOlder: boolean }
  /** Nothing was sealed here yet: the key is made when something is. */
  | { kind: 'unused' }
  | { kind: 'sealed'; provider: string; reason: string }

/** The region's root key is not at hand. */
export class RegionSealedError extends Error {
  readonly regionId: string
  constructor(regionId: string, reason: string) {
    super(`the root key of ${regionId} is not available: ${reason}`)
    this.name = 'RegionSealedError'
    this.regionId = regionId
  }
}

interface Held {
  state: Extract<RegionKeyState, { kind: 'open' | 'sealed' }>
  keys: ReadonlyMap<number, Buffer>
  changedMs: number
}

const format = 1
const headerBytes = 5
const refreshMs = 5_000
/** What was sealed for a while, as tokens for imports, is over by then. */
const keepOldMs = 25 * 3_600_000

/** Opens the key files of `regionIds` in `directory`. What cannot be opened stays sealed. */
export async function openRegionKeys(options: {
  directory: string
  regionIds: readonly string[]
  secrets: UnlockSecrets
}): Promise<RegionKeys> {
  const { directory, regionIds, secrets } = options
  const held = new Map<string, Held>()
  const fileOf = (regionId: string): string => join(directory, `${regionId}.key`)

  const load = async (regionId: string): Promise<void> => {
    const changedMs = changedAtMs(fileOf(regionId))
    if (changedMs === undefined || held.get(regionId)?.changedMs === changedMs) return
    const opened = await openKeyFile(fileOf(regionId), regionId, secrets)
    held.set(regionId, heldOf(opened, changedMs))
  }
  const refresh = async (): Promise<void> => {
    for (const regionId of regionIds) await load(regionId)
  }
  const get = (regionId: string): Held => {
    const known = held.get(regionId)
    if (known) {
      if (known.state.kind === 'sealed') throw new RegionSealedError(regionId, known.state.reason)
      return known
    }
    const opened = writeNewKeyFile(fileOf(regionId), regionId)
    const made = heldOf(opened, changedAtMs(fileOf(regionId)) ?? 0)
    held.set(regionId, made)
    if (made.state.kind === 'sealed') throw new RegionSealedError(regionId, made.state.reason)
    return made
  }

  /** Another process may seal under a generation that this one has not read yet. */
  const keyOf = (regionId: string, generation: number): Buffer => {
    const known = get(regionId).keys.get(generation)
    if (known) return known
    const opened = openPlainKeyFile(fileOf(regionId), regionId)
    if (opened) held.set(regionId, heldOf(opened, changedAtMs(fileOf(regionId)) ?? 0))
    const found = held.get(regionId)?.keys.get(generation)
    if (!found) throw new RegionSealedError(regionId, `its file has no generation ${generation}`)
    return found
  }

  await refresh()
  setInterval(() => void refresh().catch(() => {}), refreshMs).unref()
  return {
    seal(regionId, secret, context) {
      const { state, keys } = get(regionId)
      const generation = state.kind === 'open' ? state.generation : 0
      const header = Buffer.alloc(headerBytes)
      header.writeUInt8(format)
      header.writeUInt32BE(generation, 1)
      const key = keys.get(generation)
      if (!key) throw new RegionSealedError(regionId, `generation ${generation} is not in its file`)
      return Buffer.concat([header, sealXaes(key, secret, contextOf(regionId, header, context))])
    },
    open(regionId, box, context) {
      const key = keyOf(regionId, generationOf(box))
      const header = box.subarray(0, headerBytes)
      const secret = openXaes(key, box.subarray(headerBytes), contextOf(regionId, header, context))
      if (!secret) throw new Error(`what ${regionId} keeps sealed of ${context} was altered, or is of another key`)
      return secret
    },
    state: (regionId) => held.get(regionId)?.state ?? { kind: 'unused' },
    refresh,
    async dropOldGenerations(regionId) {
      const changedMs = changedAtMs(fileOf(regionId))
      if (changedMs === undefined || Date.now() - changedMs < keepOldMs) return
      await removeOldGenerations(fileOf(regionId), regionId)
      await refresh()
    },
  }
}

/** Which generation of the region's key sealed a box. */
export function generationOf(box: Buffer): number {
  if (box.length < headerBytes || box[0] !== format) throw new Error('this is not a box of a region')
  return box.readUInt32BE(1)
}

function contextOf(regionId: string, header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(`${regionId}\n${context}`)])
}

function heldOf(opened: OpenedKeyFile, changedMs: number): Held {
  if (opened.kind === 'sealed') {
    const { provider, reason } = opened
    return { state: { kind: 'sealed', provider, reason }, keys: new Map(), changedMs }
  }
  const { provider, generation, keys } = opened
  return { state: { kind: 'open', provider, generation, hasOlder: keys.size > 1 }, keys, changedMs }
}

function changedAtMs(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}
