/**
 * Policies of keys: policy documents with a Principal in each statement, whose actions, resources and conditions are
 * those of identity policies.
 *
 * A statement that names an account hands the decision to that account's own policies; one that names a user or a
 * role decides by itself. So the policy every key begins with, which names its account, changes nothing.
 */
import { say, type Text } from '@pileus/kernel/messages/text'
import type { AuthorizationQuestion, Principal } from '@pileus/kernel/ports'
import { invalid } from './parameters.ts'

export interface PolicyQuestion {
  action: string
  resource: string
  conditions: AuthorizationQuestion['conditions']
}

/** The judge of identity policies. `compile` throws an error with a message when the document is not one. */
export interface PolicyJudge {
  compile(document: string): { judge(question: PolicyQuestion): 'allow' | 'deny' | 'none' }
}

/** `delegate`: allowed as far as the caller's own account allows it. */
export type KeyVerdict = 'allow' | 'delegate' | 'deny' | 'none'

export interface CompiledKeyPolicy {
  judge(question: PolicyQuestion, principal: Principal): KeyVerdict
}

type Naming = 'itself' | 'account' | 'no'

const maxPolicyCharacters = 32_768

/** What a key has that nobody gave a policy. */
export function defaultKeyPolicy(accountId: string): string {
  const statement = {
    Sid: 'kms default key policy',
    Effect: 'Allow',
    Principal: { RAM: [`acs:ram::${accountId}:*`] },
    Action: ['kms:*'],
    Resource: ['*'],
  }
  return JSON.stringify({ Version: '1', Statement: [statement] })
}

/** @throws InvalidParameter that says what is wrong */
export function compileKeyPolicy(judge: PolicyJudge, text: string): CompiledKeyPolicy {
  if (text.length > maxPolicyCharacters) throw malformed(say`it is longer than ${maxPolicyCharacters} characters.`)
  const statements = readStatements(text).map((statement) => compileStatement(judge, statement))
  return {
    judge(question, principal) {
      let verdict: KeyVerdict = 'none'
      for (const statement of statements) {
        const naming = statement.naming(principal)
        if (naming === 'no') continue
        const answer = statement.judge(question)
        if (answer === 'deny') return 'deny'
        if (answer === 'allow' && naming === 'itself') verdict = 'allow'
        if (answer === 'allow' && naming === 'account' && verdict === 'none') verdict = 'delegate'
      }
      return verdict
    },
  }
}

function compileStatement(judge: PolicyJudge, statement: Record<string, unknown>) {
  const { Principal: principals, Sid: _sid, ...rest } = statement
  const named = (principals as { RAM?: unknown } | undefined)?.RAM
  const names = (Array.isArray(named) ? named : [named]).filter((name) => name !== undefined)
  if (names.length === 0 || names.some((name) => typeof name !== 'string')) {
    throw malformed(say`each statement needs a Principal such as ${'{"RAM": ["acs:ram::<account>:user/<name>"]}'}.`)
  }
  const matchers = (names as string[]).map(compileName)
  let identity: ReturnType<PolicyJudge['compile']>
  try {
    identity = judge.compile(JSON.stringify({ Version: '1', Statement: [rest] }))
  } catch (error) {
    throw malformed(say`${error instanceof Error ? error.message : String(error)}`)
  }
  return {
    naming(principal: Principal): Naming {
      const namings = matchers.map((matches) => matches(principal))
      return namings.includes('itself') ? 'itself' : namings.includes('account') ? 'account' : 'no'
    },
    judge: identity.judge,
  }
}

function compileName(name: string): (principal: Principal) => Naming {
  const match = /^acs:ram::(\d{16}):(\*|root|(user|role)\/([\w.@-]+))$/.exec(name)
  if (!match) throw malformed(say`"${name}" names no account, user or role.`)
  const [, accountId, , kind, entity] = match
  return (principal) => {
    if (principal.accountId !== accountId) return 'no'
    if (kind === undefined) return principal.kind === 'root' ? 'itself' : 'account'
    const own =
      principal.kind === 'user' ? principal.userName : principal.kind === 'role' ? principal.roleName : undefined
    return principal.kind === kind && own === entity ? 'itself' : 'no'
  }
}

function readStatements(text: string): Record<string, unknown>[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw malformed(say`it is not JSON.`)
  }
  const { Version, Statement } = (document ?? {}) as Record<string, unknown>
  if (Version !== '1') throw malformed(say`its Version must be "1".`)
  if (!Array.isArray(Statement) || Statement.length === 0) throw malformed(say`it has no Statement.`)
  if (Statement.some((statement) => typeof statement !== 'object' || statement === null)) {
    throw malformed(say`a statement is no object.`)
  }
  return Statement as Record<string, unknown>[]
}

function malformed(reason: Text) {
  return invalid('Policy', reason)
}

/** A key has one policy, called `default`. @throws InvalidParameter */
export function requireDefaultName(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw invalid('PolicyName', say`it must be "default".`)
}
