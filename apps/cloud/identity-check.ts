import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import { say } from '@pileus/kernel/messages/text'
import type { Translator } from '@pileus/kernel/messages/translator'
import type { PlacingQuestion, ResidencyDecision, ResidencyGate } from '@pileus/kernel/ports'
import { findIdentityStatute } from '@pileus/kernel/residency/duties'
import type { OperatorsPort } from '@pileus/operators/port'
import { findRegion } from '@pileus/world/regions'

interface Parts {
  gate: ResidencyGate
  operators: OperatorsPort
  translator: Translator
  clock: Clock
}

/** The gate, which also keeps those out of a region who have not shown who they are, where its law asks for that. */
export function withIdentityCheck({ gate, operators, translator, clock }: Parts): ResidencyGate {
  const refuse = (question: PlacingQuestion): ResidencyDecision | undefined => {
    const jurisdiction = findRegion(question.regionId)?.jurisdiction ?? ''
    const statute = findIdentityStatute(jurisdiction, isoSeconds(clock.now()).slice(0, 10))
    if (!statute) return undefined
    const reason = say`${statute.citation} [${statute.id}] asks who you are before you are served in ${question.regionId}. Show your identity to your operator; GetIdentityStatus of the operators' API says how it stands.`
    return {
      kind: 'denied',
      code: 'RealNameAuthenticationError',
      reason: translator.translate(reason, question.language),
      citations: [`${statute.id}: ${statute.citation}`],
      needs: ['identity-verification'],
      evidence: { decision: 'deny', regionId: question.regionId, citations: [statute.id] },
    }
  }
  const mayPlace = (question: PlacingQuestion): ResidencyDecision | Promise<ResidencyDecision> => {
    const unverified = operators.isUnverified(question.accountId)
    if (unverified instanceof Promise) {
      return unverified.then((is) => (is && refuse(question)) || gate.mayPlace(question))
    }
    return (unverified && refuse(question)) || gate.mayPlace(question)
  }
  return { mayPlace, mayMove: (question) => gate.mayMove(question) }
}
