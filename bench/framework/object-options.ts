import { parseArgs } from 'node:util'
import { type BenchOptions, checkOptions } from './options.ts'

export const objectParts = ['small', 'medium', 'large', 'list', 'mixed'] as const
export const objectPeers = ['azurite', 's3rver', 'minio'] as const

export interface ObjectBenchOptions extends BenchOptions {
  parts: readonly string[]
  peers: readonly string[]
  /** As `up` takes it. */
  workers: string
}

/** Reads `--rounds`, `--seconds`, `--parts small,list`, `--peers minio,azurite` and `--workers 2`. @throws Error for anything else */
export function readObjectOptions(defaults: BenchOptions): ObjectBenchOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { rounds: text, seconds: text, parts: text, peers: text, workers: text } })
  return {
    ...checkOptions(values, defaults),
    parts: readNames('--parts', values.parts, objectParts),
    workers: values.workers ?? 'auto',
    peers: readNames('--peers', values.peers, objectPeers),
  }
}

function readNames(option: string, given: string | undefined, known: readonly string[]): readonly string[] {
  if (given === undefined) return known
  const names = given.split(',').filter((name) => name !== '')
  const strange = names.find((name) => !known.includes(name))
  if (strange !== undefined) throw new Error(`${option} takes names of ${known.join(', ')}; ${strange} is none`)
  return names
}
