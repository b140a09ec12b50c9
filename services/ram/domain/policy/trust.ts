/** Trust policies: who may assume a role. */
import type { ConditionValues } from './conditions.ts'
import { type Caller, compileResourcePolicy } from './resource-policy.ts'

/** Whether the trust policy lets the caller assume its role. @throws MalformedPolicyDocument */
export function isTrusted(trustPolicy: string, caller: Caller, conditions: ConditionValues): boolean {
  const question = { caller, action: 'sts:AssumeRole', resource: '*', conditions }
  return compileResourcePolicy(trustPolicy, 'trust').judge(question) === 'allow'
}
