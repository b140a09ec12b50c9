/** The policies of one principal, ready to be asked often. */
import { type CompiledPolicy, type CompiledStatement, decideAmong, type PolicyQuestion } from './evaluate.ts'

/** Where a policy comes from, for those who ask why. */
export interface PolicySource {
  policyType: 'Custom' | 'System' | 'Session'
  policyName: string
  /** Such as `v2`. */
  version: string
  /** What the policy is attached to. */
  attachedTo: 'user' | 'group' | 'role' | 'session'
}

export interface SourcedStatement extends CompiledStatement {
  readonly source: PolicySource
}

/** What compiled policies say of one question, and which statement of which policy says it. */
export interface PolicySet {
  readonly asksResourceTags: boolean
  readonly asksPrincipal: boolean
  /** The statement that decides; undefined when none applies. */
  decide(question: PolicyQuestion): SourcedStatement | undefined
}

/** Most actions to remember the statements of; there are a few thousand, and callers may invent others. */
const maxActions = 500

export function createPolicySet(policies: readonly { policy: CompiledPolicy; source: PolicySource }[]): PolicySet {
  const statements = policies.flatMap(({ policy, source }) =>
    policy.statements.map((statement): SourcedStatement => ({ ...statement, source })),
  )
  // Denials first: the first that applies is the answer.
  statements.sort((a, b) => Number(a.allows) - Number(b.allows))
  const byAction = new Map<string, readonly SourcedStatement[]>()
  const ofAction = (action: string): readonly SourcedStatement[] => {
    let found = byAction.get(action)
    if (!found) {
      const lower = action.toLowerCase()
      found = statements.filter((statement) => statement.matchesAction(lower))
      if (byAction.size >= maxActions) byAction.clear()
      byAction.set(action, found)
    }
    return found
  }
  return {
    asksResourceTags: policies.some(({ policy }) => policy.asksResourceTags),
    asksPrincipal: policies.some(({ policy }) => policy.asksPrincipal),
    decide: (question) => decideAmong(ofAction(question.action), question),
  }
}
