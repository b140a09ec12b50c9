import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const { applyPatch } = await import(new URL('./patch.mjs', import.meta.url).href)
const { emitJson, emitTypeScript } = await import(new URL('./emit.mjs', import.meta.url).href)
const product = { product: 'Toy', version: '2000-01-01', style: 'RPC', file: 'toy' }

function patched(...patches: Record<string, unknown>[]) {
  const shapes = { actions: new Map(), models: new Map() }
  for (const actions of patches) applyPatch(shapes, { product: 'Toy', version: '2000-01-01', actions })
  return shapes
}

test('a patch says shapes, positions and requirement', () => {
  const shapes = patched({
    MakeToy: {
      source: 'https://example.com',
      auth: 'Anonymous',
      request: {
        Name: 'string!',
        'Box.Size': 'number',
        Tag: { $required: [{ Key: 'string!' }] },
        Options: { $json: { $map: 'any' } },
        Ids: { $simple: ['string'] },
      },
      response: { Toys: { Toy: [{ Id: 'string', Old: 'boolean' }] } },
    },
  })
  expect(JSON.parse(emitJson(product, shapes))).toEqual({
    product: 'Toy',
    version: '2000-01-01',
    style: 'RPC',
    actions: { MakeToy: '1 4 Anonymous' },
    structs: ['Key:s!', 'Name:s! Box.Size:n Tag:[0! Options:{a~ Ids:[s%', 'Id:s Old:b', 'Toy:[2', 'Toys:3'],
  })
  const text = emitTypeScript(product, 'a test', shapes)
  expect(text).toContain("  'Box.Size'?: number | undefined\n  Tag: MakeToyRequestTag[]\n")
  expect(text).toContain("action<MakeToyRequest, MakeToyResponse>('Toy', '2000-01-01', 'MakeToy')")
})

test('a later patch replaces and removes, and leaves the rest', () => {
  const shapes = patched(
    { A: { source: 's', request: { X: 'string', Y: 'string', Z: 'string' } }, B: { source: 's' } },
    { A: { source: 's', request: { Y: 'number!', Z: null } }, B: null },
  )
  expect(JSON.parse(emitJson(product, shapes))).toMatchObject({ actions: { A: '0 1 AK' }, structs: ['X:s Y:n!', ''] })
})

test('a patch names its source and known shapes only', () => {
  expect(() => patched({ A: { request: { X: 'string' } } })).toThrow('names no source')
  expect(() => patched({ A: { source: 's', request: { X: 'integer' } } })).toThrow('unknown shape integer')
})

test('generating twice gives the same files, and the second run notices that nothing changed', () => {
  const out = mkdtempSync(join(tmpdir(), 'pileus-contract-'))
  const generate = (...flags: string[]) => {
    const script = fileURLToPath(new URL('../generate.mjs', import.meta.url))
    return execFileSync(process.execPath, [script, '--out', out, ...flags], { encoding: 'utf8' })
  }
  const read = () => new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]))
  try {
    expect(generate()).toMatch(/^contract: Ecs 2014-05-26, 380 actions from @alicloud\/ecs20140526@/)
    const first = read()
    const writtenAtMs = statSync(join(out, 'ecs.json')).mtimeMs
    expect(generate()).toBe('contract: up to date\n')
    expect(statSync(join(out, 'ecs.json')).mtimeMs).toBe(writtenAtMs)
    generate('--force')
    expect(read()).toEqual(first)
    expect([...first.keys()].sort()).toEqual(expect.arrayContaining(['ecs.json', 'ecs.ts', 'location.json', 'stamp']))
  } finally {
    rmSync(out, { recursive: true })
  }
}, 120_000)
