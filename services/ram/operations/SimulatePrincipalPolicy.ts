import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { parsePolicy } from '../domain/policy/document.ts'
import { read } from '../operation.ts'
import { describeFinding, getPrincipal } from '../simulate.ts'

/**
 * Would this principal be allowed, and why: the same evaluator as every call meets, with the policies as they are now.
 * Conditions that are not given are those of the call that asks, but for its address and client.
 */
export const SimulatePrincipalPolicy = read(contract.SimulatePrincipalPolicy, {
  permission: 'ram:SimulatePrincipalPolicy',
  // A whole ARN: in the account of the caller, or it is refused.
  resources: (request) => [/^acs:/.test(request.PrincipalArn) ? request.PrincipalArn : '*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const sessionPolicy = request.SessionPolicy || undefined
    if (sessionPolicy !== undefined) parsePolicy(sessionPolicy, 'identity', 'SessionPolicy')
    const principal = await getPrincipal(ctx, request.PrincipalArn, sessionPolicy)
    const conditions: Record<string, string | string[]> = {
      'acs:CurrentTime': isoSeconds(ctx.clock.now()),
      'acs:SecureTransport': 'true',
    }
    for (const { Key, Value } of request.ConditionEntries ?? []) {
      const before = conditions[Key]
      const isRepeated = (request.ConditionEntries ?? []).filter((entry) => entry.Key === Key).length > 1
      conditions[Key] = isRepeated ? [...(Array.isArray(before) ? before : []), Value] : Value
    }
    const resources = request.ResourceArns?.length ? request.ResourceArns : ['*']
    const question = { principal, action: request.ActionName, resources, conditions }
    return describeFinding(question, await ctx.authorizer.explain(question))
  },
})
