import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { leafHash } from './merkle.ts'
import { checkpointText, createSigner, newSigningKey, openCheckpoint, openNote, parseVerifierKey } from './note.ts'
import { checkProof, makeProof } from './proof.ts'
import { bundlePath, grow, packBundle, rootOfEdge, subtreesOf, tilePath, tilesOf, tileWidth } from './tiles.ts'
import { type Finding, type LogSource, verifyLog } from './verify.ts'

const key = newSigningKey()
const signer = createSigner('pileus.audit/cell/eu-central-1', key)
const verifier = parseVerifierKey(signer.verifierKey)

type Files = Map<string, Buffer>

const textsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `{"n":${index}}`)

/** A log as it is published. */
function publish(texts: readonly string[], sign = signer): Files {
  const entries = texts.map((text) => Buffer.from(text))
  const grown = grow(0, [], entries.map(leafHash))
  const files: Files = new Map()
  for (const { level, index, hashes } of grown.tiles) {
    files.set(tilePath({ level, index, width: hashes.length }), Buffer.concat([...hashes]))
  }
  for (const { level, index, width } of tilesOf(entries.length)) {
    if (level > 0) continue
    files.set(bundlePath(index, width), packBundle(entries.slice(index * tileWidth, index * tileWidth + width)))
  }
  const text = checkpointText({ origin: sign.name, size: entries.length, root: rootOfEdge(grown.edge) })
  return files.set('checkpoint', Buffer.from(sign.sign(text)))
}

const sourceOf = (files: Files): LogSource => ({
  readCheckpoint: async () => files.get('checkpoint')?.toString(),
  readTile: async (tile) => files.get(tilePath(tile)),
  readBundle: async (index, width) => files.get(bundlePath(index, width)),
})

async function findingsOf(files: Files, earlier: readonly Files[] = []): Promise<readonly Finding[]> {
  const notes = earlier.map((one, index) => ({ name: `kept ${index}`, note: String(one.get('checkpoint')) }))
  return (await verifyLog(sourceOf(files), { verifier, earlier: notes })).findings
}

const size = 10_000
const texts = textsOf(size)
const whole = publish(texts)
const changed = (change: (files: Files) => void): Files => {
  const files = new Map(whole)
  change(files)
  return files
}
/** Entries of the bundle that holds 5,120 to 5,375. */
const bundle = bundlePath(20, tileWidth)
const entriesOf = (change: (list: Buffer[]) => Buffer[]) =>
  changed((files) => {
    files.set(bundle, packBundle(change(texts.slice(5_120, 5_376).map((text) => Buffer.from(text)))))
  })

test('a log as it was signed has no findings, today and as it grows', async () => {
  expect(await findingsOf(whole, [publish(textsOf(0)), publish(textsOf(1)), publish(textsOf(300)), whole])).toEqual([])
})

describe('what was done to a log is found, and where', () => {
  test.each<[string, Files, readonly Partial<Finding>[]]>([
    [
      'an entry was edited',
      entriesOf((list) => list.with(7, Buffer.from('{"n":"no"}'))),
      [{ kind: 'entry', place: 'entry 5127', message: expect.stringContaining('was changed') }],
    ],
    [
      'an entry was dropped',
      entriesOf((list) => list.toSpliced(7, 1)),
      [{ kind: 'entry', place: 'entry 5127', message: expect.stringContaining('was dropped') }],
    ],
    [
      'two entries changed places',
      entriesOf((list) => list.with(7, list[9] as Buffer).with(9, list[7] as Buffer)),
      [
        { kind: 'entry', place: 'entry 5127', message: expect.stringContaining('another entry') },
        { kind: 'entry', place: 'entry 5129', message: expect.stringContaining('another entry') },
      ],
    ],
    [
      'entries were cut off their bundle',
      entriesOf((list) => list.slice(0, 100)),
      [{ kind: 'entry', place: 'entry 5220', message: expect.stringContaining('156 are missing') }],
    ],
    [
      'the last bundle is gone',
      changed((files) => files.delete(bundlePath(39, 16))),
      [{ kind: 'entry', place: 'tile/entries/039.p/16', message: 'it is missing' }],
    ],
    [
      'an entry was edited, and its hash with it',
      changed((files) => {
        const edited = Buffer.from('{"n":"no"}')
        const list = texts
          .slice(5_120, 5_376)
          .map((text) => Buffer.from(text))
          .with(7, edited)
        files.set(bundle, packBundle(list))
        files.set(tilePath({ level: 0, index: 20, width: tileWidth }), Buffer.concat(list.map(leafHash)))
      }),
      [{ kind: 'tile', place: 'tile/0/020', message: expect.stringContaining('tile/1/000.p/39 holds at place 20') }],
    ],
    [
      'a tile is gone',
      changed((files) => files.delete('tile/1/000.p/39')),
      [{ kind: 'tile', place: 'tile/1/000.p/39' }],
    ],
    [
      'the whole log was made again with one entry edited, under the old checkpoint',
      new Map(publish(texts.with(7, '{}'))).set('checkpoint', whole.get('checkpoint') as Buffer),
      [{ kind: 'root', place: 'checkpoint' }],
    ],
    [
      'the checkpoint says another size',
      changed((files) =>
        files.set('checkpoint', Buffer.from(String(files.get('checkpoint')).replace('10000', '9999'))),
      ),
      [{ kind: 'checkpoint', place: 'checkpoint', message: expect.stringContaining('does not match') }],
    ],
    [
      'another key signed',
      publish(texts, createSigner(signer.name, newSigningKey())),
      [{ kind: 'checkpoint', place: 'checkpoint', message: expect.stringContaining('no signature by the key') }],
    ],
    [
      'the checkpoint is of another log',
      publish(texts, createSigner('pileus.audit/cell/cn-hangzhou', key)),
      [{ kind: 'checkpoint', place: 'checkpoint' }],
    ],
    ['the checkpoint is gone', new Map(), [{ kind: 'checkpoint', place: 'checkpoint', message: 'it is missing' }]],
  ])('%s', async (_, files, expected) => {
    const findings = await findingsOf(files)
    // A missing or wrong part may be noticed more than once; the first place is the right one.
    expect(findings.slice(0, expected.length)).toMatchObject(expected)
  })
})

describe('a history that was signed anew is found by who kept a checkpoint', () => {
  const kept = [publish(texts.slice(0, 1_000)), publish(texts.slice(0, 2_000)), publish(texts.slice(0, 3_000))]

  test('the log was cut off', async () => {
    expect(await findingsOf(publish(texts.slice(0, 2_500)), kept)).toMatchObject([
      { kind: 'history', place: 'entry 2500', message: expect.stringContaining('cut off') },
    ])
  })

  test('an entry was edited: it lies between the checkpoints', async () => {
    expect(await findingsOf(publish(texts.slice(0, 5_000).with(1_500, '{}')), kept)).toMatchObject([
      { kind: 'history', place: 'entry 1000', message: expect.stringContaining('entries 1000 to 1999') },
    ])
  })

  test('the log forked after the last entry that both have', async () => {
    expect(await findingsOf(publish([...texts.slice(0, 2_999), '{}']), kept)).toMatchObject([
      { kind: 'history', place: 'entry 2000', message: expect.stringContaining('another history') },
    ])
  })
})

test('a proof file shows its entry to be in the log, and no other', async () => {
  const note = String(whole.get('checkpoint'))
  const read = subtreesOf(size, async (tile) => whole.get(tilePath(tile)) as Buffer)
  for (const index of [0, 5_127, size - 1]) {
    const proof = await makeProof(index, note, read)
    expect(checkProof(proof, Buffer.from(`{"n":${index}}`), verifier)).toBe(index)
    expect(() => checkProof(proof, Buffer.from('{}'), verifier)).toThrow(`does not hold this entry at index ${index}`)
    expect(() => checkProof(proof.replace('index ', 'index 1'), Buffer.from(`{"n":${index}}`), verifier)).toThrow(Error)
  }
  await expect(makeProof(size, note, read)).rejects.toThrow(RangeError)
})

test('the note of the specification is verified by its key', () => {
  // The example of Go's golang.org/x/mod/sumdb/note.
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`
  expect(openNote(note, parseVerifierKey(vkey))).toBe(text)
  expect(() => openNote(note.replace('answer', 'Answer'), parseVerifierKey(vkey))).toThrow('does not match')
  expect(() => parseVerifierKey(vkey.replace('c74f20a3', 'c74f20a4'))).toThrow('is damaged')
  expect(openCheckpoint(String(whole.get('checkpoint')), verifier).size).toBe(size)
})

test('canonical JSON has sorted names and nothing that a database refuses', () => {
  expect(canonicalJson({ b: [true, null, 1.5], a: { d: undefined, c: 'ü\n' } })).toBe(
    '{"a":{"c":"ü\\n"},"b":[true,null,1.5]}',
  )
  expect(canonicalJson({ text: 'a\u0000b\ud800c\ud83d\ude00' })).toBe('{"text":"a\ufffdb\ufffdc\ud83d\ude00"}')
})
