import type { Authorizer } from '@pileus/kernel/ports'
import { emergencyPolicy, emergencyRoleName, findEmergencyAccessId } from '@pileus/operators/domain/emergency-access'
import type { OperatorsPort } from '@pileus/operators/port'
import { compilePolicy, evaluatePolicies } from '@pileus/ram/domain/policy/evaluate'

/**
 * Decides about sessions of emergency access, which no policy of the customer knows: while the access is open, by what
 * such access may do in its one region. Everybody else is `authorizer`'s.
 */
export function withEmergencyAccess(authorizer: Authorizer, operators: OperatorsPort): Authorizer {
  return {
    authorize(question) {
      const id = findEmergencyAccessId(question.principal)
      if (id === undefined) return authorizer.authorize(question)
      return operators.findOpenRegion(id).then((regionId) => {
        const policies = regionId === undefined ? [] : [compilePolicy(emergencyPolicy(regionId))]
        const { action, conditions } = question
        const verdicts = question.resources.map((resource) =>
          evaluatePolicies(policies, { action, resource, conditions }),
        )
        if (verdicts.length > 0 && verdicts.every((verdict) => verdict === 'allow')) return { kind: 'allowed' }
        return {
          kind: 'denied',
          detail: {
            AuthAction: action,
            AuthPrincipalType: 'AssumedRoleUser',
            AuthPrincipalOwnerId: question.principal.accountId,
            AuthPrincipalDisplayName: `${emergencyRoleName}:${id}`,
            NoPermissionType: verdicts.includes('deny') ? 'ExplicitDeny' : 'ImplicitDeny',
            PolicyType: 'EmergencyAccess',
          },
        }
      })
    },
  }
}
