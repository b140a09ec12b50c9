/**
 * Decides by policies. A policy is compiled once; evaluating it is synchronous and allocates little, since it is part
 * of every request.
 *
 * What is not understood never allows: a statement whose resource or conditions are `unknown` does not match when it
 * allows, and matches when it denies.
 */
import { isResourceTagKey, principalKeys } from './condition-keys.ts'
import { type ConditionTest, type ConditionValues, compileCondition, findText } from './conditions.ts'
import { type DocumentKind, readPolicy, type Statement } from './document.ts'
import { compileGlob, type Matcher } from './glob.ts'
import type { Answer } from './operators.ts'
import { bindPattern, hasVariables, listVariables } from './variables.ts'

/** An allow and a deny answer each other: deny wins. */
export type Verdict = 'allow' | 'deny' | 'none'

export interface PolicyQuestion {
  /** Such as `ecs:RunInstances`. */
  action: string
  /** One ARN, `acs:<service>:<region>:<account>:<resource>`. */
  resource: string
  conditions: ConditionValues
}

export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[]
  /** Whether a condition asks for tags of the resource. */
  readonly asksResourceTags: boolean
  /** Whether a condition or a variable asks who the caller is. */
  readonly asksPrincipal: boolean
}

export interface CompiledStatement {
  /** Place in the document, from 0. */
  readonly index: number
  readonly allows: boolean
  /** Given the action in lower case. */
  readonly matchesAction: Matcher
  readonly matchesResource: (resource: string, values: ConditionValues) => Answer
  readonly conditions: readonly ConditionTest[]
}

/** @throws MalformedPolicyDocument */
export function compilePolicy(text: string, kind: DocumentKind = 'identity'): CompiledPolicy {
  return compileStatements(readPolicy(text, kind))
}

export function compileStatements(statements: readonly Statement[]): CompiledPolicy {
  const keys = statements.flatMap(keysOf)
  return {
    statements: statements.map(compileStatement),
    asksResourceTags: keys.some(isResourceTagKey),
    asksPrincipal: principalKeys.some((key) => keys.includes(key.toLowerCase())),
  }
}

function keysOf({ conditions, resources }: Statement): string[] {
  const texts = [...(resources?.patterns ?? []), ...conditions.flatMap((condition) => condition.values)]
  return [...conditions.map((condition) => condition.key.toLowerCase()), ...texts.flatMap(listVariables)]
}

/** The verdict of several policies together. */
export function evaluatePolicies(policies: readonly CompiledPolicy[], question: PolicyQuestion): Verdict {
  const deciding = findDeciding(
    policies.flatMap((policy) => policy.statements),
    question,
  )
  return verdictOf(deciding)
}

export function verdictOf(deciding: Pick<CompiledStatement, 'allows'> | undefined): Verdict {
  return deciding === undefined ? 'none' : deciding.allows ? 'allow' : 'deny'
}

/** The first denying statement that applies, else the first allowing one, else undefined. */
export function findDeciding<S extends CompiledStatement>(
  statements: readonly S[],
  question: PolicyQuestion,
): S | undefined {
  const action = question.action.toLowerCase()
  return decideAmong(
    statements.filter((statement) => statement.matchesAction(action)),
    question,
  )
}

/** As `findDeciding`, of statements that are known to match the action. */
export function decideAmong<S extends CompiledStatement>(
  statements: readonly S[],
  { resource, conditions }: PolicyQuestion,
): S | undefined {
  let allowing: S | undefined
  for (const statement of statements) {
    // Once allowed, only a deny can change the verdict.
    if (statement.allows && allowing) continue
    const placed = statement.matchesResource(resource, conditions)
    if (placed === false || (placed === 'unknown' && statement.allows)) continue
    if (!meetsConditions(statement, conditions)) continue
    if (!statement.allows) return statement
    allowing = statement
  }
  return allowing
}

export function compileStatement(statement: Statement, index = 0): CompiledStatement {
  const { actions, resources } = statement
  return {
    index,
    allows: statement.effect === 'Allow',
    matchesAction: anyMatcher(
      actions.patterns.map((pattern) => compileGlob(pattern.toLowerCase())),
      actions.not,
    ),
    matchesResource: resources ? compileResources(resources) : () => true,
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

function compileResources({
  not,
  patterns,
}: NonNullable<Statement['resources']>): CompiledStatement['matchesResource'] {
  const plain = anyMatcher(patterns.filter((pattern) => !hasVariables(pattern)).map(compileArn), not)
  const bound = patterns.filter(hasVariables).map(compileBoundArn)
  if (bound.length === 0) return plain
  return (resource, values) => {
    let answer: Answer = plain(resource) !== not
    for (const matches of bound) {
      if (answer === true) break
      const one = matches(resource, values)
      if (one !== false) answer = one
    }
    return answer === 'unknown' ? 'unknown' : answer !== not
  }
}

/** Compares part by part, so that a star for the region cannot swallow the account. */
export function compileArn(pattern: string): Matcher {
  if (pattern === '*') return () => true
  const wanted = splitArn(pattern)
  if (!wanted) return () => false
  const matchers = wanted.map(compileGlob)
  return (arn) => matchesParts(arn, matchers)
}

function compileBoundArn(pattern: string): (arn: string, values: ConditionValues) => Answer {
  // A variable has a colon of its own, which parts no ARN.
  const held: string[] = []
  const parts = splitArn(pattern.replace(/\$\{[^}]*\}/g, (found) => `\uE002${held.push(found) - 1}\uE003`))
  if (!parts) return () => false
  const binders = parts.map((part) =>
    bindPattern(part.replace(/\uE002(\d+)\uE003/g, (_whole, index) => held[Number(index)] ?? '')),
  )
  return (arn, values) => {
    const matchers = binders.map((bind) => bind((key) => findText(values, key)))
    if (matchers.includes(undefined)) return 'unknown'
    return matchesParts(arn, matchers as Matcher[])
  }
}

function matchesParts(arn: string, matchers: readonly Matcher[]): boolean {
  const parts = splitArn(arn)
  return parts?.every((part, index) => matchers[index]?.(part) === true) ?? false
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
