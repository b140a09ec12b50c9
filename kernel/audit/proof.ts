/** Proofs in one file: that an entry is in a log whose checkpoint is signed. @see https://c2sp.org/tlog-proof */
import { inclusionProof, leafHash, rootByInclusion, type SubtreeReader } from './merkle.ts'
import { type NoteVerifier, openCheckpoint, parseCheckpoint } from './note.ts'

const header = 'c2sp.org/tlog-proof@v1'

/** @throws RangeError when the index is not in the checkpoint's tree */
export async function makeProof(index: number, checkpointNote: string, read: SubtreeReader): Promise<string> {
  const hashes = await inclusionProof(index, parseCheckpoint(checkpointNote).size, read)
  return [header, `index ${index}`, ...hashes.map((hash) => hash.toString('base64')), '', checkpointNote].join('\n')
}

/** The index at which the proof shows `entry` to be. @throws Error saying what is wrong */
export function checkProof(proof: string, entry: Uint8Array, verifier: NoteVerifier): number {
  const end = proof.indexOf('\n\n')
  const [first, ...lines] = proof.slice(0, end).split('\n')
  if (end === -1 || first !== header) throw new Error('it is not a proof of a transparency log')
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? []
  if (digits === undefined) throw new Error('the proof names no index')
  const checkpoint = openCheckpoint(proof.slice(end + 2), verifier)
  const hashes = lines.map((line) => Buffer.from(line, 'base64'))
  const root = rootByInclusion(leafHash(entry), Number(digits), checkpoint.size, hashes)
  if (!root?.equals(checkpoint.root)) throw new Error(`the log does not hold this entry at index ${digits}`)
  return Number(digits)
}
