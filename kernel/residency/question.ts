/** What can be asked about residency, and how questions from outside are checked. */
import { findLawPack, type IsoDate, lawPacks } from '@pileus/world/laws'
import {
  dataClasses,
  destinations,
  type FactKind,
  factKinds,
  needs,
  tenantKinds,
} from '@pileus/world/residency-vocabulary'
import { englishOf, say, type Text } from '../messages/text.ts'

export type FactValue = boolean | number | string | readonly string[]

/** What is known, by the names of the vocabulary. What is absent is not known. */
export type ResidencyFacts = Readonly<Record<string, FactValue>>

export interface TransferQuestion {
  /** Jurisdiction whose law is asked; the same as `to` when data only stays. */
  readonly from: string
  /** Jurisdiction or listed country that the data goes to. */
  readonly to: string
  /** At least one. */
  readonly dataClasses: readonly string[]
  readonly on: IsoDate
  readonly facts: ResidencyFacts
}

/** A question that cannot be answered. `parameter` is `from`, `to`, `dataClasses`, `on` or `facts`. */
export class ResidencyQuestionError extends Error {
  readonly parameter: keyof TransferQuestion
  /** One sentence that says what to do instead. */
  readonly reason: Text
  constructor(parameter: keyof TransferQuestion, reason: Text) {
    super(`${parameter}: ${englishOf(reason)}`)
    this.name = 'ResidencyQuestionError'
    this.parameter = parameter
    this.reason = reason
  }
}

/** @throws ResidencyQuestionError */
export function checkQuestion({ from, to, dataClasses: classes, on, facts }: TransferQuestion): void {
  checkJurisdiction(from, 'from')
  if (!destinations.has(to)) {
    throw new ResidencyQuestionError(
      'to',
      say`"${to}" is not known. Known are: ${[...destinations].sort().join(', ')}.`,
    )
  }
  if (classes.length === 0)
    throw new ResidencyQuestionError('dataClasses', say`name at least one of: ${list(dataClasses)}.`)
  for (const dataClass of classes) checkDataClass(dataClass)
  if (!isIsoDate(on)) throw new ResidencyQuestionError('on', say`"${on}" is not a date such as 2026-11-01.`)
  checkFacts(facts)
}

/** @throws ResidencyQuestionError */
export function checkJurisdiction(jurisdiction: string, parameter: 'from' | 'to' = 'from'): void {
  if (findLawPack(jurisdiction)) return
  const known = lawPacks.map((pack) => pack.jurisdiction).join(', ')
  throw new ResidencyQuestionError(
    parameter,
    say`there are no laws of "${jurisdiction}" here. There are those of: ${known}.`,
  )
}

/** @throws ResidencyQuestionError */
export function checkDataClass(dataClass: string): void {
  if (dataClasses.has(dataClass)) return
  throw new ResidencyQuestionError(
    'dataClasses',
    say`"${dataClass}" is no data class. There are: ${list(dataClasses)}.`,
  )
}

/** Checks names and types of facts that came from outside. @throws ResidencyQuestionError */
export function checkFacts(facts: unknown): asserts facts is ResidencyFacts {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) {
    throw new ResidencyQuestionError('facts', say`facts are a JSON object, each by its name.`)
  }
  for (const [name, value] of Object.entries(facts)) {
    const kind = factKinds.get(name)
    if (!kind) throw new ResidencyQuestionError('facts', say`"${name}" is no fact. There are: ${list(factKinds)}.`)
    const fault = faultOf(name, kind, value)
    if (fault) throw new ResidencyQuestionError('facts', say`"${name}" ${fault}.`)
  }
}

function faultOf(name: string, kind: FactKind, value: unknown): Text | undefined {
  switch (kind.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : say`is true or false`
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? undefined : say`is a number from 0`
    case 'string':
      if (typeof value !== 'string') return say`is a text`
      return kind.oneOf && !kind.oneOf.includes(value) ? say`is one of ${kind.oneOf.join(', ')}` : undefined
    case 'list':
      if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) return say`is a list of texts`
      return name === 'tenantKinds' ? unknownOf(value, tenantKinds.keys()) : unknownOf(value.map(afterColon), needs)
  }
}

/** `EU-GDPR-V:scc-with-tia` names the need `scc-with-tia`. */
function afterColon(evidence: string): string {
  return evidence.slice(evidence.indexOf(':') + 1)
}

function unknownOf(values: readonly string[], known: Iterable<string>): Text | undefined {
  const all = new Set(known)
  const unknown = values.find((value) => !all.has(value))
  return unknown === undefined ? undefined : say`has "${unknown}", which is none of ${[...all].sort().join(', ')}`
}

export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

function list(known: ReadonlyMap<string, unknown>): string {
  return [...known.keys()].join(', ')
}
