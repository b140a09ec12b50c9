/**
 * Bucket policies: policy documents with a Principal in each statement. Actions, resources and conditions are those
 * of identity policies, so each statement is judged as one, for the principals it names.
 */
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import { errors } from '../errors.ts'
import { matchesGlob } from './referer.ts'

export interface PolicyQuestion {
  action: string
  resource: string
  conditions: Readonly<Record<string, string>>
}

/** The judge of identity policies. `compile` throws an error with a message when the document is not one. */
export interface PolicyJudge {
  compile(document: string): { judge(question: PolicyQuestion): 'allow' | 'deny' | 'none' }
}

interface CompiledStatement {
  names(principal: Principal): boolean
  judge(question: PolicyQuestion): 'allow' | 'deny' | 'none'
}

/** Largest policy, in bytes. */
const maxPolicyBytes = 16 * 1024
const maxCompiled = 2_000
const compiled = new WeakMap<PolicyJudge, Map<string, readonly CompiledStatement[]>>()

/** @throws InvalidPolicyDocument that says what is wrong */
export function checkBucketPolicy(judge: PolicyJudge, text: string, bucketName: string): void {
  if (Buffer.byteLength(text) > maxPolicyBytes) throw malformed(say`it is longer than ${maxPolicyBytes} bytes.`)
  compileBucketPolicy(judge, text)
  for (const statement of readStatements(text)) {
    for (const key of ['Resource', 'NotResource']) {
      for (const resource of listOf(statement[key])) {
        const path = String(resource)
          .split(':')
          .slice(5 - 1)
          .join(':')
          .replace(/^[^:]*:/, '')
        if (!isWithin(path, bucketName)) throw malformed(say`the resource "${String(resource)}" is not of this bucket.`)
      }
    }
  }
}

/** Patterns may name more than this bucket; they are asked about this one only. */
function isWithin(path: string, bucketName: string): boolean {
  const [bucketPattern = ''] = path.split('/')
  return matchesGlob(bucketPattern, bucketName)
}

export function judgeBucketPolicy(
  judge: PolicyJudge,
  text: string,
  question: PolicyQuestion & { principal: Principal },
): 'allow' | 'deny' | 'none' {
  let verdict: 'allow' | 'none' = 'none'
  for (const statement of compileBucketPolicy(judge, text)) {
    if (!statement.names(question.principal)) continue
    const answer = statement.judge(question)
    if (answer === 'deny') return 'deny'
    if (answer === 'allow') verdict = 'allow'
  }
  return verdict
}

/** Whether a statement allows something to everybody, without a condition. */
export function isPublicPolicy(text: string): boolean {
  return readStatements(text).some(
    (statement) =>
      statement['Effect'] === 'Allow' &&
      statement['Condition'] === undefined &&
      listOf(statement['Principal']).includes('*'),
  )
}

function compileBucketPolicy(judge: PolicyJudge, text: string): readonly CompiledStatement[] {
  const known = compiled.get(judge) ?? new Map<string, readonly CompiledStatement[]>()
  compiled.set(judge, known)
  const before = known.get(text)
  if (before) return before
  const statements = readStatements(text).map((statement) => compileStatement(judge, statement))
  if (known.size >= maxCompiled) known.clear()
  known.set(text, statements)
  return statements
}

function readStatements(text: string): Record<string, unknown>[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw malformed(say`it is not JSON.`)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw malformed(say`it is no object.`)
  const { Version, Statement } = document as Record<string, unknown>
  if (Version !== '1') throw malformed(say`its Version must be "1".`)
  if (!Array.isArray(Statement) || Statement.length === 0) throw malformed(say`it has no Statement.`)
  for (const statement of Statement) {
    if (typeof statement !== 'object' || statement === null) throw malformed(say`a statement is no object.`)
  }
  return Statement as Record<string, unknown>[]
}

function compileStatement(judge: PolicyJudge, statement: Record<string, unknown>): CompiledStatement {
  const { Principal: given, NotPrincipal: notGiven, ...rest } = statement
  const isNot = given === undefined && notGiven !== undefined
  // Without one it allows nobody anything, and denies everybody.
  const principals = listOf(given ?? notGiven ?? (rest['Effect'] === 'Deny' ? '*' : [])).map(String)
  if (principals.length === 0 && (given ?? notGiven) !== undefined) throw malformed(say`a statement has no Principal.`)
  let identity: ReturnType<PolicyJudge['compile']>
  try {
    identity = judge.compile(JSON.stringify({ Version: '1', Statement: [rest] }))
  } catch (error) {
    throw malformed(say`${error instanceof Error ? error.message : String(error)}`)
  }
  return {
    names: (principal) => principals.some((name) => isNamed(principal, name)) !== isNot,
    judge: (question) => identity.judge(question),
  }
}

/** A principal is `*`, the id of an account or user, or the ARN of a role or of one of its sessions. */
function isNamed(principal: Principal, name: string): boolean {
  if (name === '*') return true
  switch (principal.kind) {
    case 'anonymous':
      return false
    case 'root':
      return name === principal.accountId
    case 'user':
      return name === principal.userId
    case 'role': {
      const session = /^arn:sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(name)
      if (session) {
        const [, account, role, sessionName] = session
        const isSession = sessionName === '*' || sessionName === principal.sessionName
        return account === principal.accountId && role === principal.roleName && isSession
      }
      return name === principal.roleId
    }
  }
}

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function malformed(reason: Text) {
  return objectError(errors.InvalidPolicyDocument, { facts: { reason } })
}
