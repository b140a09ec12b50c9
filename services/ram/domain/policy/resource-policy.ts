/** Policies with principals: those that belong to a resource, such as a key, and trust policies of roles. */
import type { Principal } from '@pileus/kernel/ports'
import type { ConditionValues } from './conditions.ts'
import { type DocumentKind, readPolicy, type Statement } from './document.ts'
import { type CompiledStatement, compileStatement, findDeciding, type Verdict, verdictOf } from './evaluate.ts'

/** Who asks: an identity, a part of the cloud such as `ecs.aliyuncs.com`, or somebody a provider vouches for. */
export type Caller = Principal | { kind: 'service'; name: string } | { kind: 'federated'; providerArn: string }

export interface ResourceQuestion {
  caller: Caller
  /** Such as `kms:Decrypt`. */
  action: string
  /** The ARN of what the policy belongs to. */
  resource: string
  conditions: ConditionValues
}

export interface ResourcePolicy {
  /** Only what the policy itself says; identity policies and ownership are the asker's business. */
  judge(question: ResourceQuestion): Verdict
}

/** @throws MalformedPolicyDocument */
export function compileResourcePolicy(
  text: string,
  kind: Exclude<DocumentKind, 'identity'> = 'resource',
): ResourcePolicy {
  const statements = readPolicy(text, kind).map((statement, index) => ({
    ...compileStatement(statement, index),
    names: compilePrincipals(statement, kind),
  }))
  return {
    judge({ caller, ...question }) {
      const named: CompiledStatement[] = statements.filter((statement) => statement.names(caller))
      return verdictOf(findDeciding(named, question))
    },
  }
}

/** Principals that are not understood are nobody in an allow, and everybody in a deny. */
function compilePrincipals({ principals, effect }: Statement, document: DocumentKind): (caller: Caller) => boolean {
  if (!principals) return () => true
  const { not, names } = principals
  const denies = effect === 'Deny'
  return (caller) => {
    let isNamed: boolean | 'unknown' = false
    for (const [kind, list] of names) {
      for (const name of list) {
        // Everybody may be let near a resource, but nobody means to let everybody become a role.
        const one = name === '*' && document === 'resource' ? true : matchesName(kind, name, caller)
        if (one === true) return !not
        if (one === 'unknown') isNamed = 'unknown'
      }
    }
    return isNamed === 'unknown' ? denies : not
  }
}

function matchesName(kind: string, name: string, caller: Caller): boolean | 'unknown' {
  if (kind === 'Service') return caller.kind === 'service' && caller.name === name
  if (kind === 'Federated') {
    return caller.kind === 'federated' && withoutStar(caller.providerArn) === withoutStar(name)
  }
  if (caller.kind === 'service' || caller.kind === 'federated') return false
  if (name === '*') return 'unknown'
  if (!/^acs:ram:\*?:\d+:(root|\*|(user|role)\/[^*?]+|assumed-role\/[^*?/]+\/[^*?/]+)$/.test(name)) return 'unknown'
  return namesOf(caller).includes(withoutStar(name).replace(/:\*$/, ':root'))
}

function withoutStar(arn: string): string {
  return arn.replace(/^acs:ram:\*:/, 'acs:ram::')
}

/** The account stands for all of its identities, a role for all of its sessions. */
function namesOf(caller: Principal): string[] {
  const prefix = `acs:ram::${caller.accountId}:`
  switch (caller.kind) {
    case 'anonymous':
      return []
    case 'root':
      return [`${prefix}root`]
    case 'user':
      return [`${prefix}root`, `${prefix}user/${caller.userName}`]
    case 'role':
      return [
        `${prefix}root`,
        `${prefix}role/${caller.roleName}`,
        `${prefix}assumed-role/${caller.roleName}/${caller.sessionName}`,
      ]
  }
}
