/**
 * Answers whether law lets data of some class leave one jurisdiction for another on a day. Pure: the same question has
 * the same answer for ever, so that a decision can be made again from the evidence that was kept with it.
 *
 * The statutes of the origin that are binding on the day, that are for such data and for such a tenant, each give an
 * outcome; the strictest wins. What is not known counts against the transfer, except that evidence of being covered
 * by a special law is assumed only where the tenant's kinds are not known.
 */
import {
  type Condition,
  economicArea,
  type FactTest,
  findLawPack,
  type IsoDate,
  type Listing,
  type Outcome,
  type Statute,
} from '@pileus/world/laws'
import { classesOf } from '@pileus/world/residency-vocabulary'
import { checkQuestion, type FactValue, type ResidencyFacts, type TransferQuestion } from './question.ts'

/** As the vocabulary of the law packs has it. */
export type StatuteStatus =
  | 'in-force'
  | 'in-force-enforcement-pending'
  | 'enacted-future'
  | 'enacted-not-in-force'
  | 'proposed'
  | 'superseded'
  | 'repealed'

/** What would satisfy a statute. */
export interface Need {
  readonly need: string
  readonly statuteId: string
  readonly says: string
  readonly options?: readonly string[]
}

export type Because =
  /** The data does not leave. */
  | { kind: 'stays' }
  /** The statute does not hold such data back. */
  | { kind: 'free' }
  | { kind: 'met'; need: string; says: string }
  /** Another statute's condition satisfies this one. */
  | { kind: 'lifted'; by: string; need: string }
  | { kind: 'barred'; need: string; says: string }
  | { kind: 'needs' }
  /** Nothing that an exporter could do would help. */
  | { kind: 'closed' }

export interface AppliedStatute {
  readonly id: string
  readonly title: string
  readonly citation: string
  readonly confidence: Statute['confidence']
  readonly status: StatuteStatus
  readonly decision: Outcome
  /** Of those asked about, the ones for which it decides so. */
  readonly dataClasses: readonly string[]
  readonly because: Because
  readonly needs: readonly Need[]
}

export interface Explanation {
  readonly from: string
  readonly to: string
  readonly on: IsoDate
  readonly dataClasses: readonly string[]
  readonly decision: Outcome
  /** Strictest first. */
  readonly statutes: readonly AppliedStatute[]
  /** Names of what would turn the decision to `allow`; for each statute one of them is enough. */
  readonly needs: readonly string[]
  /** Statutes announced and not yet binding on the day. */
  readonly warnings: readonly string[]
  /** To be done besides; they do not change the decision. */
  readonly duties: readonly string[]
  /** What let the data leave, where something had to. */
  readonly routes: readonly string[]
  readonly localCopyRequired: boolean
  /** Shortest time to the first notice of a breach, and longest retention of logs, under the statutes applied. */
  readonly breachHours?: number
  readonly logDays?: number
}

const strictness: Readonly<Record<Outcome, number>> = { allow: 0, conditional: 1, deny: 2 }

/** The strictest of several outcomes; `allow` of none. */
export function strictest(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce<Outcome>((worst, one) => (strictness[one] > strictness[worst] ? one : worst), 'allow')
}

/** How a statute stands on a day; undefined when nobody knew of it yet. */
export function statusOn(statute: Statute, on: IsoDate): StatuteStatus | undefined {
  if (on < statute.from) return statute.announcedOn && statute.announcedOn <= on ? 'enacted-future' : undefined
  if (statute.until && on > statute.until) return statute.endedAs
  if (statute.standing === 'dormant') return 'enacted-not-in-force'
  if (statute.standing === 'proposed') return 'proposed'
  return statute.standing === 'enforcement-pending' ? 'in-force-enforcement-pending' : 'in-force'
}

/** @throws ResidencyQuestionError */
export function explain(question: TransferQuestion): Explanation {
  checkQuestion(question)
  const { from, to, on, facts } = question
  const dataClasses = [...new Set(question.dataClasses)]
  const concerned = (findLawPack(from)?.statutes ?? []).filter(
    (statute) => dataClasses.some((one) => isFor(statute, one)) && fitsTenant(statute, facts),
  )
  const binding = concerned.filter((statute) => isBinding(statusOn(statute, on)))
  const byClass = dataClasses.map((dataClass) => judgeClass(question, dataClass, binding))
  const statutes = binding
    .map((statute) => strictestOf(byClass.flatMap((judged) => judged.get(statute) ?? [])))
    .sort((a, b) => strictness[b.decision] - strictness[a.decision])
  const breachHours = binding.flatMap((statute) => statute.breachHours ?? [])
  const logDays = binding.flatMap((statute) => statute.logDays ?? [])
  return {
    from,
    to,
    on,
    dataClasses,
    decision: strictest(statutes.map((statute) => statute.decision)),
    statutes,
    needs: needsOf(statutes, binding),
    warnings: concerned.filter((one) => statusOn(one, on) === 'enacted-future').map((one) => one.id),
    duties: [...new Set(binding.flatMap(dutiesOf))],
    routes: [
      ...new Set(statutes.flatMap(({ id, because }) => (because.kind === 'met' ? [`${id}:${because.need}`] : []))),
    ],
    localCopyRequired: binding.some((statute) => statute.copyStays),
    ...(breachHours.length > 0 ? { breachHours: Math.min(...breachHours) } : {}),
    ...(logDays.length > 0 ? { logDays: Math.max(...logDays) } : {}),
  }
}

function isFor(statute: Statute, dataClass: string): boolean {
  return classesOf(dataClass).some((one) => statute.dataClasses.includes(one))
}

export function isBinding(status: StatuteStatus | undefined): boolean {
  return status === 'in-force' || status === 'in-force-enforcement-pending'
}

/** Laws for special tenants apply unless it is known that this is none. */
function fitsTenant({ tenants, exceptTenants }: Statute, facts: ResidencyFacts): boolean {
  const kinds = facts['tenantKinds'] as readonly string[] | undefined
  if (exceptTenants?.some((kind) => kinds?.includes(kind))) return false
  if (tenants === 'any') return true
  if (tenants === 'critical-infrastructure-operator' && facts['ciio'] !== undefined) return facts['ciio'] === true
  return kinds === undefined || kinds.includes(tenants)
}

type Judgement = Pick<AppliedStatute, 'decision' | 'because' | 'needs'>

function judgeClass(
  question: TransferQuestion,
  dataClass: string,
  binding: readonly Statute[],
): Map<Statute, AppliedStatute> {
  const selected = binding.filter((statute) => isFor(statute, dataClass))
  const cases = selected.map((statute) => caseOf(question, dataClass, statute))
  const lifted = new Map<string, { by: string; need: string }>()
  for (const one of cases) {
    for (const condition of one.satisfied) {
      for (const id of condition.lifts ?? []) lifted.set(id, { by: one.statute.id, need: condition.need })
    }
  }
  const stays = question.from === question.to
  return new Map(
    cases.map((one) => {
      const judged: Judgement = stays
        ? { decision: 'allow', because: { kind: 'stays' }, needs: [] }
        : judge(one, lifted.get(one.statute.id))
      return [one.statute, describe(one.statute, question.on, judged, dataClass)]
    }),
  )
}

/** A statute with the facts that its conditions are tested with. */
interface Case {
  statute: Statute
  /** Routes and exceptions that are met. */
  satisfied: readonly Condition[]
  /** In play, and not met. */
  demanded: readonly Condition[]
  bar: Condition | undefined
  open: readonly Condition[]
  /** Where there is no route at all, what stands in its place. */
  duties: readonly Condition[]
}

function caseOf({ to, on, facts }: TransferQuestion, dataClass: string, statute: Statute): Case {
  const isConcern = statute.conditions.some((condition) => condition.countriesOfConcern?.includes(to))
  const known: Record<string, FactValue> = {
    ...(isConcern ? { recipientCovered: true } : {}),
    ...facts,
    dataClass,
    toJurisdiction: to,
  }
  const all = (tests: readonly FactTest[] | undefined): boolean => (tests ?? []).every((test) => passes(test, known))
  const listingsOf = (condition: Condition): Listing[] =>
    (condition.listed ?? []).filter((one) => isListed(one, to) && one.from <= on && (!one.until || on <= one.until))
  const isMet = (condition: Condition): boolean => {
    const { fromCity } = facts
    if (condition.cities && typeof fromCity === 'string' && !condition.cities.includes(fromCity)) return false
    if (condition.listed) return listingsOf(condition).some((listing) => all(listing.onlyIf))
    return condition.when ? all(condition.when) : isOnFile(statute, condition, facts)
  }
  const isOpen = (condition: Condition): boolean =>
    all(condition.availableIf) && (condition.listed ? listingsOf(condition).length > 0 : true)
  const plain = statute.conditions.filter((condition) => condition.onlyIf === undefined)
  const ways = plain.filter(({ kind }) => kind === 'route' || kind === 'exception')
  return {
    statute,
    satisfied: ways.filter((condition) => isOpen(condition) && isMet(condition)),
    demanded: statute.conditions.filter((one) => one.onlyIf !== undefined && all(one.onlyIf) && !isMet(one)),
    bar: statute.conditions.find((condition) => condition.kind === 'bar' && isMet(condition)),
    open: ways.filter((condition) => condition.kind === 'route' && isOpen(condition)),
    duties: ways.length > 0 ? [] : plain.filter((one) => one.kind === 'duty' && !isMet(one)),
  }
}

function judge(one: Case, lifted: { by: string; need: string } | undefined): Judgement {
  const { statute, satisfied, demanded, bar, open, duties } = one
  const need = (condition: Condition): Need => ({
    need: condition.need,
    statuteId: statute.id,
    says: condition.says,
    ...(condition.options ? { options: condition.options } : {}),
  })
  if (bar) return { decision: 'deny', because: { kind: 'barred', need: bar.need, says: bar.says }, needs: [] }
  if (demanded.length > 0) return { decision: 'conditional', because: { kind: 'needs' }, needs: demanded.map(need) }
  if (lifted) return { decision: 'allow', because: { kind: 'lifted', ...lifted }, needs: [] }
  if (statute.leaving === 'allow') return { decision: 'allow', because: { kind: 'free' }, needs: [] }
  const [way] = satisfied
  if (way) return { decision: 'allow', because: { kind: 'met', need: way.need, says: way.says }, needs: [] }
  if (open.length > 0) return { decision: 'conditional', because: { kind: 'needs' }, needs: open.map(need) }
  if (statute.leaving === 'deny') return { decision: 'deny', because: { kind: 'closed' }, needs: [] }
  // It only says what to do: with evidence of all of that on file, nothing is left to ask for.
  if (duties.length > 0) return { decision: 'conditional', because: { kind: 'needs' }, needs: duties.map(need) }
  return { decision: 'allow', because: { kind: 'free' }, needs: [] }
}

function passes([name, comparison, value]: FactTest, known: Readonly<Record<string, FactValue>>): boolean {
  const fact = known[name]
  switch (comparison) {
    case '==':
      return fact === value
    case '!=':
      return fact !== value
    case '<':
      return typeof fact === 'number' && typeof value === 'number' && fact < value
    case '<=':
      return typeof fact === 'number' && typeof value === 'number' && fact <= value
    case 'in':
      return typeof fact === 'string' && Array.isArray(value) && value.includes(fact)
  }
}

function isListed(listing: Listing, to: string): boolean {
  return listing.to === to || (listing.to === 'EEA' && economicArea.has(to))
}

function isOnFile(statute: Statute, { need, options = [] }: Condition, facts: ResidencyFacts): boolean {
  const onFile = (facts['onFile'] as readonly string[] | undefined) ?? []
  return [need, ...options].some((name) => onFile.includes(name) || onFile.includes(`${statute.id}:${name}`))
}

function describe(statute: Statute, on: IsoDate, judged: Judgement, dataClass: string): AppliedStatute {
  const { id, title, citation, confidence } = statute
  const status = statusOn(statute, on) ?? 'in-force'
  return { id, title, citation, confidence, status, dataClasses: [dataClass], ...judged }
}

function strictestOf(judged: readonly AppliedStatute[]): AppliedStatute {
  const decision = strictest(judged.map((one) => one.decision))
  const same = judged.filter((one) => one.decision === decision)
  const [first] = same
  if (!first) throw new Error('a statute that applies is for one of the classes')
  const needs = new Map(same.flatMap((one) => one.needs.map((need) => [need.need, need])))
  return { ...first, dataClasses: same.flatMap((one) => one.dataClasses), needs: [...needs.values()] }
}

/** Leaves out what a statute asks for when whatever satisfies another one, which must be done anyway, lifts it. */
function needsOf(applied: readonly AppliedStatute[], binding: readonly Statute[]): string[] {
  const asking = applied.filter((statute) => statute.decision === 'conditional')
  const liftsOf = (id: string, need: string): readonly string[] =>
    binding.find((statute) => statute.id === id)?.conditions.find((one) => one.need === need && one.lifts)?.lifts ?? []
  const isCovered = (id: string): boolean =>
    asking.some((other) => other.id !== id && other.needs.every(({ need }) => liftsOf(other.id, need).includes(id)))
  return [...new Set(asking.filter(({ id }) => !isCovered(id)).flatMap(({ needs }) => needs.map(({ need }) => need)))]
}

function dutiesOf(statute: Statute): string[] {
  const said = statute.conditions.filter((condition) => condition.kind === 'duty' && !condition.onlyIf)
  return [
    ...said.map(({ need }) => `${statute.id}:${need}`),
    ...(statute.duties ?? []).map((duty) => `${statute.id}:${duty}`),
  ]
}
