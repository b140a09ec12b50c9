import { parseArgs } from 'node:util'

export interface BenchOptions {
  rounds: number
  /** Length of one measurement that runs for a time. */
  seconds: number
}

/** Reads `--rounds` and `--seconds`. @throws Error for anything else, or values that are no positive numbers */
export function readOptions(defaults: BenchOptions): BenchOptions {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, seconds: { type: 'string' } } })
  return checkOptions(values, defaults)
}

/** What was given as text, or the defaults. @throws Error for values that are no positive numbers */
export function checkOptions(
  values: { rounds?: string | undefined; seconds?: string | undefined },
  defaults: BenchOptions,
): BenchOptions {
  const rounds = Number(values.rounds ?? defaults.rounds)
  const seconds = Number(values.seconds ?? defaults.seconds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')
  if (!(seconds > 0)) throw new Error('--seconds takes a positive number')
  return { rounds, seconds }
}
