/**
 * Laws on where data may be: one pack per jurisdiction. An engineering model of public rules, compiled by people who
 * are no lawyers; each statute has a confidence. `kernel/residency` evaluates them; here are only facts.
 */
import ae from './data/laws/ae.json' with { type: 'json' }
import au from './data/laws/au.json' with { type: 'json' }
import cn from './data/laws/cn.json' with { type: 'json' }
import de from './data/laws/de.json' with { type: 'json' }
import hk from './data/laws/hk.json' with { type: 'json' }
import id from './data/laws/id.json' with { type: 'json' }
import india from './data/laws/in.json' with { type: 'json' }
import jp from './data/laws/jp.json' with { type: 'json' }
import my from './data/laws/my.json' with { type: 'json' }
import sg from './data/laws/sg.json' with { type: 'json' }
import us from './data/laws/us.json' with { type: 'json' }

/** `YYYY-MM-DD`. */
export type IsoDate = string

/** What a law says of data that leaves, or a question is answered with; from the mildest to the strictest. */
export type Outcome = 'allow' | 'conditional' | 'deny'

/** A test of one fact: name, comparison, value. Facts that are not known fail every comparison but `!=`. */
export type FactTest = readonly [fact: string, comparison: '==' | '!=' | '<' | '<=' | 'in', value: FactTestValue]
export type FactTestValue = boolean | number | string | readonly string[]

/**
 * - `route`: what an exporter can obtain; with it the statute is satisfied
 * - `exception`: a fact that takes the case out of the rule
 * - `bar`: a fact that forbids
 * - `duty`: to be done as well
 * - `info`: context
 */
export type ConditionKind = 'route' | 'exception' | 'bar' | 'duty' | 'info'

/** A destination that an authority has listed. */
export interface Listing {
  /** ISO 3166-1 alpha-2, or `EEA` for all of the economic area. */
  readonly to: string
  readonly from: IsoDate
  /** The last day. */
  readonly until?: IsoDate
  /** The framework that the recipient must be in. */
  readonly scheme?: string
  readonly onlyIf?: readonly FactTest[]
}

export interface Condition {
  /** Its name in the vocabulary, such as `scc-with-tia`. */
  readonly need: string
  readonly kind: ConditionKind
  /** One English sentence. */
  readonly says: string
  /** All true: it is met. Without tests it is met by evidence on file. */
  readonly when?: readonly FactTest[]
  /** All true: the route is open. */
  readonly availableIf?: readonly FactTest[]
  /** All true: it is in play, and then must itself be met. */
  readonly onlyIf?: readonly FactTest[]
  /** Statutes that are satisfied too when this is met. */
  readonly lifts?: readonly string[]
  /** Any of these meets it. */
  readonly options?: readonly string[]
  /** It is met for these destinations, from and until these days. */
  readonly listed?: readonly Listing[]
  /** Not met when data is known to leave from another city than these. */
  readonly cities?: readonly string[]
  /** Recipients there are covered without more being known of them. */
  readonly countriesOfConcern?: readonly string[]
  readonly figures?: Readonly<Record<string, number>>
}

export interface Statute {
  /** Such as `EU-GDPR-V`; never reused. */
  readonly id: string
  readonly jurisdiction: string
  readonly title: string
  readonly gist: string
  readonly citation: string
  readonly regulator?: string
  /** How sure this model is of it. */
  readonly confidence: 'high' | 'medium' | 'low'
  /** `dormant` is enacted and has not begun; dates say the rest. */
  readonly standing: 'binding' | 'enforcement-pending' | 'dormant' | 'proposed'
  readonly announcedOn?: IsoDate
  /** First day; of dormant and proposed ones the day of enactment or proposal. */
  readonly from: IsoDate
  /** Last day. */
  readonly until?: IsoDate
  readonly endedAs?: 'superseded' | 'repealed'
  /** A kind of tenant in the vocabulary, or `any`. */
  readonly tenants: string
  readonly exceptTenants?: readonly string[]
  readonly dataClasses: readonly string[]
  /** What it says of data that leaves when no condition changes it. */
  readonly leaving: Outcome
  readonly conditions: readonly Condition[]
  /** A copy must remain; a second one abroad is another question. */
  readonly copyStays?: true
  readonly logDays?: number
  /** To the first deadline at the regulator. */
  readonly breachHours?: number
  /** Whom it wants identified. */
  readonly identity?: 'customer' | 'provider-registration' | 'proposed'
  readonly website?: 'filing' | 'imprint'
  readonly duties?: readonly string[]
}

export interface LawPack {
  /** As `Region.jurisdiction`; `DE` stands for German and Union law. */
  readonly jurisdiction: string
  readonly summary: string
  readonly statutes: readonly Statute[]
}

/** In the order in which lists show them. */
export const lawPacks: readonly LawPack[] = [cn, hk, sg, my, id, india, jp, au, ae, de, us].map((pack) => ({
  ...pack,
  statutes: pack.statutes.map((statute) => ({ ...statute, jurisdiction: pack.jurisdiction }) as unknown as Statute),
}))

const packs = new Map(lawPacks.map((pack) => [pack.jurisdiction, pack]))
const statutes = new Map(lawPacks.flatMap((pack) => pack.statutes.map((statute) => [statute.id, statute])))

export function findLawPack(jurisdiction: string): LawPack | undefined {
  return packs.get(jurisdiction)
}

export function findStatute(id: string): Statute | undefined {
  return statutes.get(id)
}

/** The European Economic Area, whose members a listing of `EEA` means. */
export const economicArea: ReadonlySet<string> = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO'.split(' '),
)
