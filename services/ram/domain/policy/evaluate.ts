/**
 * Decides by policies. A policy is compiled once; evaluating it is synchronous and allocates little, since it is part
 * of every request.
 *
 * What is not understood never allows: a statement whose conditions are `unknown` does not match when it allows, and
 * matches when it denies.
 */
import { type ConditionTest, type ConditionValues, compileCondition } from './conditions.ts'
import { parsePolicy, type Statement } from './document.ts'
import { compileGlob, type Matcher } from './glob.ts'

/** An allow and a deny answer each other: deny wins. */
export type Verdict = 'allow' | 'deny' | 'none'

export interface PolicyQuestion {
  /** Such as `ecs:RunInstances`. */
  action: string
  /** One ARN, `acs:<service>:<region>:<account>:<resource>`. */
  resource: string
  conditions: ConditionValues
}

export type CompiledPolicy = readonly CompiledStatement[]

interface CompiledStatement {
  allows: boolean
  /** Given the action in lower case. */
  matchesAction: Matcher
  matchesResource: Matcher
  conditions: readonly ConditionTest[]
}

/** @throws MalformedPolicyDocument */
export function compilePolicy(text: string): CompiledPolicy {
  return parsePolicy(text, 'identity').map(compileStatement)
}

/** The verdict of several policies together. */
export function evaluatePolicies(policies: readonly CompiledPolicy[], question: PolicyQuestion): Verdict {
  const action = question.action.toLowerCase()
  let verdict: Verdict = 'none'
  for (const policy of policies) {
    for (const statement of policy) {
      // Once allowed, only a deny can change the verdict.
      if (statement.allows && verdict === 'allow') continue
      if (!statement.matchesAction(action) || !statement.matchesResource(question.resource)) continue
      if (!meetsConditions(statement, question.conditions)) continue
      if (!statement.allows) return 'deny'
      verdict = 'allow'
    }
  }
  return verdict
}

export function compileStatement(statement: Statement): CompiledStatement {
  const { actions, resources } = statement
  return {
    allows: statement.effect === 'Allow',
    matchesAction: anyMatcher(
      actions.patterns.map((pattern) => compileGlob(pattern.toLowerCase())),
      actions.not,
    ),
    matchesResource: resources ? anyMatcher(resources.patterns.map(compileArn), resources.not) : () => true,
    conditions: statement.conditions.map(compileCondition),
  }
}

/** Whether the statement's conditions hold, taking `unknown` against the caller. */
export function meetsConditions(
  statement: Pick<CompiledStatement, 'allows' | 'conditions'>,
  values: ConditionValues,
): boolean {
  for (const condition of statement.conditions) {
    const answer = condition(values)
    if (answer === false || (answer === 'unknown' && statement.allows)) return false
  }
  return true
}

function anyMatcher(matchers: readonly Matcher[], not: boolean): Matcher {
  const [only] = matchers
  if (matchers.length === 1 && only) return not ? (text) => !only(text) : only
  return (text) => matchers.some((matches) => matches(text)) !== not
}

/** Compares part by part, so that a star for the region cannot swallow the account. */
export function compileArn(pattern: string): Matcher {
  if (pattern === '*') return () => true
  const wanted = splitArn(pattern)
  if (!wanted) return () => false
  const matchers = wanted.map(compileGlob)
  return (arn) => {
    const parts = splitArn(arn)
    return parts?.every((part, index) => matchers[index]?.(part) === true) ?? false
  }
}

/**
 * `acs`, service, region, account, and the rest, which may hold colons. A resource of no region has `*` or nothing in
 * the region's place; both mean the same.
 */
function splitArn(arn: string): string[] | undefined {
  const parts: string[] = []
  let from = 0
  for (let index = 0; index < 4; index++) {
    const end = arn.indexOf(':', from)
    if (end < 0) return undefined
    parts.push(arn.slice(from, end))
    from = end + 1
  }
  if (parts[2] === '') parts[2] = '*'
  parts.push(arn.slice(from))
  return parts
}
