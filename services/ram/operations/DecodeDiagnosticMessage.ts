import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { openDiagnostic } from '../diagnostic.ts'
import { requireParameter } from '../domain/parameters.ts'
import { ramErrors } from '../errors.ts'
import { read } from '../operation.ts'

/** Tells what the sealed message of a denial says; only in the account whose principal was denied. */
export const DecodeDiagnosticMessage = read(contract.DecodeDiagnosticMessage, {
  permission: 'ram:DecodeDiagnosticMessage',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const message = requireParameter('EncodedDiagnosticMessage', request.EncodedDiagnosticMessage)
    const found = openDiagnostic(ctx.secretBox, message)
    if (found?.accountId !== ctx.accountId) throw apiError(ramErrors['InvalidParameter.EncodedDiagnosticMessage'])
    const { statement } = found
    return {
      DecodedDiagnosticMessage: {
        AuthAction: found.action,
        AuthResource: found.resource,
        AuthPrincipal: found.principal,
        AuthConditions: found.conditions.map(({ key, values }) => ({ ConditionKey: key, ConditionValues: values })),
        ExplicitDeny: found.explicitDeny,
        NoPermissionPolicyType: found.policyType,
        MatchedPolicies: statement
          ? [
              {
                PolicyType: statement.policyType,
                // The vendor has no field for the statement.
                PolicyIdentifier: `${statement.policyName}#Statement[${statement.index}]`,
                PolicyVersion: statement.version,
                AttachedEntityType: statement.attachedTo,
                AttachedScope: 'Account',
                Effect: 'Deny',
              },
            ]
          : [],
      },
    }
  },
})
