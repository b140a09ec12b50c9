/** Policy documents: their shape, checked where they enter. */

import { apiError, errorCatalogue } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { findOperator, listOperators } from './operators.ts'

export const policyErrors = errorCatalogue({
  MalformedPolicyDocument: [400, 'The policy document is malformed: {reason}'],
  'InvalidParameter.PolicyDocument.Length': [
    400,
    'The parameter "{parameter}" is beyond the length limit: it has {length} characters, and may have {limit}.',
  ],
})

export interface Statement {
  effect: 'Allow' | 'Deny'
  actions: { not: boolean; patterns: readonly string[] }
  /** Absent in trust policies, and in resource policies that mean the resource they belong to. */
  resources: { not: boolean; patterns: readonly string[] } | undefined
  /** Absent in identity policies. Kind, such as `RAM` or `Service`, to names; `*` alone is `RAM` to `*`. */
  principals: { not: boolean; names: ReadonlyMap<string, readonly string[]> } | undefined
  conditions: readonly Condition[]
}

/** `operator` holds of the request's `key` and one of `values`. */
export interface Condition {
  operator: string
  key: string
  values: readonly string[]
}

/** `identity` is attached to who asks, `resource` belongs to what is asked about, `trust` to a role. */
export type DocumentKind = 'identity' | 'trust' | 'resource'

/** Longest documents, in characters. */
export const maxDocumentLength = { identity: 6_144, trust: 4_096, resource: 32_768 } as const

const documentKeys = new Set(['Version', 'Statement'])
const statementKeys = {
  identity: new Set(['Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition', 'Sid']),
  trust: new Set(['Effect', 'Action', 'Principal', 'Condition', 'Sid']),
  resource: new Set([
    'Effect',
    'Action',
    'NotAction',
    'Principal',
    'NotPrincipal',
    'Resource',
    'NotResource',
    'Condition',
    'Sid',
  ]),
} as const

/**
 * A document that enters: it may use nothing that would not be evaluated.
 * @throws MalformedPolicyDocument that says what is wrong where; InvalidParameter.PolicyDocument.Length
 */
export function parsePolicy(text: string, kind: DocumentKind, parameter = 'PolicyDocument'): Statement[] {
  const statements = readPolicy(text, kind, parameter)
  statements.forEach(({ conditions }, index) => {
    for (const { operator } of conditions) {
      if (findOperator(operator)) continue
      throw malformed(
        say`Statement[${index}].Condition has the operator "${operator}". Use one of ${listOperators().join(', ')}, with IfExists at the end, or ForAnyValue: or ForAllValues: in front.`,
      )
    }
  })
  return statements
}

/** A document that is kept already. Operators that are not known stay, and never allow. @throws as parsePolicy */
export function readPolicy(text: string, kind: DocumentKind, parameter = 'PolicyDocument'): Statement[] {
  const limit = maxDocumentLength[kind]
  if (text.length > limit) {
    throw apiError(policyErrors['InvalidParameter.PolicyDocument.Length'], { parameter, length: text.length, limit })
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw malformed(say`it is not JSON.`)
  }
  if (!isObject(document)) throw malformed(say`it is not a JSON object.`)
  refuseOtherKeys(document, documentKeys, 'the document')
  if (document['Version'] !== '1') throw malformed(say`its Version must be "1".`)
  const given = document['Statement']
  const list = Array.isArray(given) ? given : [given]
  if (given === undefined || list.length === 0) throw malformed(say`it has no Statement.`)
  return list.map((statement, index) => parseStatement(statement, `Statement[${index}]`, kind))
}

function parseStatement(given: unknown, where: string, kind: DocumentKind): Statement {
  if (!isObject(given)) throw malformed(say`${where} is not an object.`)
  refuseOtherKeys(given, statementKeys[kind], where)
  const effect = given['Effect']
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(say`${where}.Effect must be "Allow" or "Deny".`)
  const actions = parseEither(given, 'Action', where, checkAction)
  const conditions = parseConditions(given['Condition'], where)
  if (given['Sid'] !== undefined && typeof given['Sid'] !== 'string')
    throw malformed(say`${where}.Sid must be a string.`)
  const principals = kind === 'identity' ? undefined : parsePrincipals(given, where)
  const namesResource = given['Resource'] !== undefined || given['NotResource'] !== undefined
  const resources =
    kind === 'identity' || namesResource ? parseEither(given, 'Resource', where, checkResource) : undefined
  return { effect, actions, resources, principals, conditions }
}

/** `Name` or `NotName`, exactly one of them. */
function parseEither(
  statement: Record<string, unknown>,
  name: string,
  where: string,
  check: (pattern: string) => Text | undefined,
): { not: boolean; patterns: string[] } {
  const not = statement[`Not${name}`] !== undefined
  if (not && statement[name] !== undefined) throw malformed(say`${where} has both ${name} and Not${name}.`)
  const label = `${where}.${not ? 'Not' : ''}${name}`
  const patterns = parseStrings(statement[not ? `Not${name}` : name], label)
  for (const pattern of patterns) {
    const fault = check(pattern)
    if (fault) throw malformed(say`${label} holds "${pattern}", but ${fault}`)
  }
  return { not, patterns }
}

function checkAction(pattern: string): Text | undefined {
  if (pattern === '*' || /^[\w*?-]+:[\w*?:/-]+$/.test(pattern)) return undefined
  return say`an action is * or <service>:<name>.`
}

function checkResource(pattern: string): Text | undefined {
  if (pattern === '*' || /^acs:[^:]*:[^:]*:[^:]*:./s.test(pattern)) return undefined
  return say`a resource is * or acs:<service>:<region>:<account>:<resource>.`
}

function parsePrincipals(statement: Record<string, unknown>, where: string): NonNullable<Statement['principals']> {
  const not = statement['NotPrincipal'] !== undefined
  if (not && statement['Principal'] !== undefined) throw malformed(say`${where} has both Principal and NotPrincipal.`)
  const label = `${where}.${not ? 'NotPrincipal' : 'Principal'}`
  const given = statement[not ? 'NotPrincipal' : 'Principal']
  if (given === '*') return { not, names: new Map([['RAM', ['*']]]) }
  if (!isObject(given)) throw malformed(say`${label} must be an object.`)
  const names = new Map<string, string[]>()
  for (const [kind, list] of Object.entries(given)) {
    if (!['RAM', 'Service', 'Federated'].includes(kind)) {
      throw malformed(say`${label} has "${kind}", which is not RAM, Service or Federated.`)
    }
    names.set(kind, parseStrings(list, `${label}.${kind}`))
  }
  if (names.size === 0) throw malformed(say`${label} names nobody.`)
  return { not, names }
}

function parseConditions(given: unknown, where: string): Condition[] {
  if (given === undefined) return []
  if (!isObject(given)) throw malformed(say`${where}.Condition must be an object.`)
  return Object.entries(given).flatMap(([operator, keys]) => {
    if (!/^[A-Za-z]+(:[A-Za-z]+)?$/.test(operator)) {
      throw malformed(say`${where}.Condition has "${operator}", which is no operator.`)
    }
    if (!isObject(keys)) throw malformed(say`${where}.Condition.${operator} must be an object.`)
    return Object.entries(keys).map(([key, values]) => {
      const list = Array.isArray(values) ? values : [values]
      if (list.length === 0 || !list.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) {
        throw malformed(say`${where}.Condition.${operator}.${key} must be a value or a list of values.`)
      }
      return { operator, key, values: list.map(String) }
    })
  })
}

function parseStrings(given: unknown, label: string): string[] {
  const list = Array.isArray(given) ? given : [given]
  if (list.length === 0 || !list.every((item) => typeof item === 'string' && item !== '')) {
    throw malformed(say`${label} must be a string or a list of strings.`)
  }
  return list as string[]
}

function refuseOtherKeys(given: Record<string, unknown>, known: ReadonlySet<string>, where: string): void {
  for (const key of Object.keys(given)) {
    if (!known.has(key)) throw malformed(say`${where} has "${key}", which is not part of the policy language.`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(reason: Text) {
  return apiError(policyErrors.MalformedPolicyDocument, { reason })
}
