/** Trust policies: who may assume a role. */
import type { Principal } from '@pileus/kernel/ports'
import type { ConditionValues } from './conditions.ts'
import { parsePolicy, type Statement } from './document.ts'
import { compileStatement, meetsConditions } from './evaluate.ts'

/** Whether the trust policy lets the caller assume its role. @throws MalformedPolicyDocument */
export function isTrusted(trustPolicy: string, caller: Principal, conditions: ConditionValues): boolean {
  let trusted = false
  for (const statement of parsePolicy(trustPolicy, 'trust')) {
    const compiled = compileStatement(statement)
    if (!compiled.matchesAction('sts:assumerole') || !names(statement, caller)) continue
    if (!meetsConditions(compiled, conditions)) continue
    if (!compiled.allows) return false
    trusted = true
  }
  return trusted
}

/** Principals that are not understood are nobody in an allow, and everybody in a deny. */
function names({ principals, effect }: Statement, caller: Principal): boolean {
  const callers = namesOf(caller)
  return (principals?.get('RAM') ?? []).some((name) => {
    if (/^acs:ram:\*?:\d+:(root|(user|role)\/[^*?]+)$/.test(name)) {
      return callers.includes(name.replace(/^acs:ram:\*:/, 'acs:ram::'))
    }
    return effect === 'Deny'
  })
}

/** The account stands for all of its identities. */
function namesOf(caller: Principal): string[] {
  const account = `acs:ram::${caller.accountId}:root`
  if (caller.kind === 'user') return [account, `acs:ram::${caller.accountId}:user/${caller.userName}`]
  if (caller.kind === 'role') return [account, `acs:ram::${caller.accountId}:role/${caller.roleName}`]
  return caller.kind === 'root' ? [account] : []
}
