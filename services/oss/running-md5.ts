/**
 * The MD5 of a whole object that is uploaded in parts one after the other: with each part the state of the hash is kept
 * where the part before it ended. A part may be sent again, so the state says of which parts it is.
 */
import { createHash } from 'node:crypto'
import { createMD5 } from 'hash-wasm'

export interface RunningMd5 {
  /** Of the hash, in Base64. */
  state: string
  /** A digest of the MD5s of all parts up to here, in hex. */
  parts: string
}

/** Hashes a part on its way. `end` is told the part's own MD5. */
export async function continueMd5(
  before: RunningMd5 | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<{ body: AsyncIterable<Uint8Array>; end(md5Hex: string): RunningMd5 }> {
  const hash = await createMD5()
  if (before) hash.load(Buffer.from(before.state, 'base64'))
  else hash.init()
  async function* passed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      hash.update(chunk)
      yield chunk
    }
  }
  return {
    body: passed(),
    end: (md5Hex) => ({ state: Buffer.from(hash.save()).toString('base64'), parts: linkParts(before?.parts, md5Hex) }),
  }
}

/** The MD5 of the object of these parts, in lower-case hex; undefined when their last was not hashed after just them. */
export async function endMd5(
  parts: readonly { md5: string; runningMd5?: RunningMd5 | undefined }[],
): Promise<string | undefined> {
  const running = parts.at(-1)?.runningMd5
  if (!running) return undefined
  const linked = parts.reduce<string | undefined>((before, part) => linkParts(before, part.md5), undefined)
  if (linked !== running.parts) return undefined
  return (await createMD5()).load(Buffer.from(running.state, 'base64')).digest('hex')
}

function linkParts(before: string | undefined, md5Hex: string): string {
  return createHash('sha256')
    .update(before ?? '')
    .update(md5Hex)
    .digest('hex')
}
