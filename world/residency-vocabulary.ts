/** The words in which questions about residency are asked. */
import vocabulary from './data/laws/vocabulary.json' with { type: 'json' }
import { economicArea, lawPacks } from './laws.ts'

/** A kind of data that some law knows, with what it is in English. */
export const dataClasses: ReadonlyMap<string, string> = new Map(Object.entries(vocabulary.dataClasses))

/** Kinds of tenant that some law is for. */
export const tenantKinds: ReadonlyMap<string, string> = new Map(Object.entries(vocabulary.tenants))

export interface FactKind {
  readonly type: 'boolean' | 'number' | 'string' | 'list'
  readonly oneOf?: readonly string[]
  /** What it says when it is true, in English. */
  readonly says: string
}

/** What is known of a transfer, by name. */
export const factKinds: ReadonlyMap<string, FactKind> = new Map(
  Object.entries(vocabulary.facts) as [string, FactKind][],
)

/** Names of conditions, and options of them, that evidence on file can be for. */
export const needs: ReadonlySet<string> = new Set(
  lawPacks.flatMap((pack) =>
    pack.statutes.flatMap((statute) =>
      statute.conditions.flatMap((condition) => [condition.need, ...(condition.options ?? [])]),
    ),
  ),
)

/** Classes that a class is as well. */
export function classesOf(dataClass: string): readonly string[] {
  return dataClass === 'sensitive-personal' ? ['sensitive-personal', 'personal'] : [dataClass]
}

/** Places that data can go to: those with a law pack, and those that some law lists. */
export const destinations: ReadonlySet<string> = new Set([
  ...lawPacks.map((pack) => pack.jurisdiction),
  ...economicArea,
  ...lawPacks.flatMap((pack) =>
    pack.statutes.flatMap((statute) =>
      statute.conditions.flatMap((condition) =>
        (condition.listed ?? []).flatMap(({ to }) => (to === 'EEA' ? [] : [to])),
      ),
    ),
  ),
])
