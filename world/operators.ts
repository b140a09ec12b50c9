/**
 * The companies that run regions: the platform itself, and a joint venture in Japan. Who they are in law (names,
 * licences, owners) belongs to an installation; here is how they stand to each other.
 */
import records from './data/operators.json' with { type: 'json' }
import { type Region, regions } from './regions.ts'

export interface Operator {
  readonly id: string
  readonly form: 'platform' | 'joint-venture'
  /** What its customers know the cloud as. */
  readonly brand: string
  /** Where its staff sit: support from there is a transfer to there. */
  readonly seatRegionId: string
  readonly regionIds: readonly string[]
  /** BCP 47 tags, the first for written contracts. */
  readonly supportLanguages: readonly string[]
  /** `timeZone` is an IANA name. */
  readonly supportHours: { readonly urgent: string; readonly ordinary: string; readonly timeZone: string }
}

export const platformOperatorId = 'platform'

const partnered = new Set(records.flatMap(({ regionIds }) => (typeof regionIds === 'string' ? [] : regionIds)))

/** All operators, the platform first. Each region has exactly one. */
export const operators: readonly Operator[] = records.map(({ regionIds, ...record }) => ({
  ...record,
  form: record.form as Operator['form'],
  regionIds: typeof regionIds === 'string' ? regions.map(({ id }) => id).filter((id) => !partnered.has(id)) : regionIds,
}))

export function findOperator(id: string): Operator | undefined {
  return operators.find((operator) => operator.id === id)
}

/** Who runs the region. */
export function operatorOf(region: Pick<Region, 'id'>): Operator {
  const found = operators.find((operator) => operator.regionIds.includes(region.id))
  if (!found) throw new Error(`nobody runs the region ${region.id}`)
  return found
}
