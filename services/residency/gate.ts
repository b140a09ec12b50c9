/**
 * The gate that data passes when it is placed or moved. It asks the account's own policy first, and then law. Where an
 * account has declared nothing it answers at once, from memory, because every object that is put asks.
 */
import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import type {
  MovingQuestion,
  PlacingQuestion,
  ResidencyDecision,
  ResidencyEvidence,
  ResidencyGate,
} from '@pileus/kernel/ports'
import { type Explanation, explain, strictest } from '@pileus/kernel/residency/explain'
import { policyReason, residencyReason } from '@pileus/kernel/residency/reason'
import type { DecisionLog } from './decision-log.ts'
import { allowsRegion, isOpen, type LawQuestion, type Profile, questionsOf } from './domain/profile.ts'
import type { Profiles } from './profiles.ts'

interface Parts {
  profiles: Profiles
  decisions: DecisionLog
  clock: Clock
}

/** Named in decisions that no statute made. */
export const policyId = 'account-policy'

type Question = PlacingQuestion & Partial<Pick<MovingQuestion, 'fromRegionId'>>

const allowed: ResidencyDecision = { kind: 'allowed' }

export function createResidencyGate({ profiles, decisions, clock }: Parts): ResidencyGate {
  const explainOn = rememberExplanations()
  const decide = (question: Question): ResidencyDecision | Promise<ResidencyDecision> => {
    const profile = profiles.get(question.accountId)
    if (profile instanceof Promise) return profile.then((loaded) => decideFor(loaded, question))
    return decideFor(profile, question)
  }
  const decideFor = (profile: Profile, question: Question): ResidencyDecision | Promise<ResidencyDecision> => {
    if (isOpen(profile)) return allowed
    const on = isoSeconds(clock.now()).slice(0, 10)
    const judged = allowsRegion(profile, question.regionId)
      ? judge(questionsOf(profile, { ...question, resources: resourcesOf(question) }).map((one) => explainOn(one, on)))
      : byPolicy(profile, question)
    // Neither law nor policy had anything to say.
    if (!judged) return allowed
    const evidence = evidenceOf(question, judged, on)
    const kept = decisions.keep({ question, on, facts: profile.facts, evidence, ...judged })
    const { reason } = judged
    const made: ResidencyDecision =
      judged.decision === 'allow'
        ? { kind: 'allowed', evidence }
        : {
            kind: 'denied',
            reason: reason(question.language),
            citations: judged.citations,
            needs: judged.needs,
            evidence,
          }
    return kept ? kept.then(() => made) : made
  }
  return { mayPlace: decide, mayMove: decide }
}

/** A decision with what it rests on. */
export interface Judged {
  decision: Explanation['decision']
  dataClasses: readonly string[]
  /** Ids. */
  statutes: readonly string[]
  citations: readonly string[]
  needs: readonly string[]
}

function judge(found: readonly Explanation[]): (Judged & { reason: (language?: string) => string }) | undefined {
  const decision = strictest(found.map((one) => one.decision))
  const telling = found.filter((one) => one.decision === decision)
  const [first] = telling
  if (!first) return undefined
  const statutes = telling.flatMap((one) => one.statutes.filter((statute) => statute.decision === decision))
  return {
    decision,
    dataClasses: [...new Set(found.flatMap((one) => one.dataClasses))],
    statutes: [...new Set(statutes.map(({ id }) => id))],
    citations: [...new Set(statutes.map(({ id, citation }) => `${id}: ${citation}`))],
    needs: [...new Set(telling.flatMap((one) => one.needs))],
    reason: (language) => telling.map((one) => residencyReason(one, language)).join(' '),
  }
}

function byPolicy({ accountId, allowedPlaces = [] }: Profile, { regionId }: Question) {
  return {
    decision: 'deny' as const,
    dataClasses: [],
    statutes: [policyId],
    citations: [policyId],
    needs: [],
    reason: (language?: string) => policyReason({ accountId, allowed: allowedPlaces, regionId }, language),
  }
}

function resourcesOf({ resource, resources = [] }: Question): string[] {
  return resource === undefined ? [...resources] : [resource, ...resources]
}

function evidenceOf({ fromRegionId, regionId }: Question, judged: Judged, on: string): ResidencyEvidence {
  return {
    decision: judged.decision,
    ...(fromRegionId === undefined ? {} : { fromRegionId }),
    regionId,
    citations: judged.citations,
    details: { on, dataClasses: judged.dataClasses.join(','), needs: judged.needs.join(',') },
  }
}

/** The same question has the same answer; few are asked again and again. */
function rememberExplanations(): (question: LawQuestion, on: string) => Explanation {
  // Facts are one object as long as the profile is remembered.
  const byFacts = new WeakMap<object, Map<string, Explanation>>()
  return (question, on) => {
    const known = byFacts.get(question.facts) ?? new Map<string, Explanation>()
    byFacts.set(question.facts, known)
    const key = `${question.from}>${question.to} ${on} ${question.dataClasses.join(',')}`
    let found = known.get(key)
    if (!found) {
      found = explain({ ...question, on })
      if (known.size >= 1_000) known.clear()
      known.set(key, found)
    }
    return found
  }
}
