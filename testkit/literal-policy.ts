/**
 * The policy language as it is described, without any care for speed: the oracle that the compiled evaluator is
 * compared with. It shares no code with it.
 */
type Strings = string | readonly string[]
type Answer = boolean | 'unknown'

export interface LiteralStatement {
  Effect: 'Allow' | 'Deny'
  Action?: Strings
  NotAction?: Strings
  Resource?: Strings
  NotResource?: Strings
  Condition?: Record<string, Record<string, Strings>>
}

export interface LiteralQuestion {
  action: string
  resource: string
  conditions: Readonly<Record<string, Strings>>
  /** Lower-case names of keys that are known to be absent when they are not among the conditions. */
  knownKeys: readonly string[]
}

const list = (strings: Strings | undefined): readonly string[] => [strings ?? []].flat()

/** `allow`, `deny` or `none`, as all the statements together say. */
export function readLiterally(
  statements: readonly LiteralStatement[],
  asked: LiteralQuestion,
): 'allow' | 'deny' | 'none' {
  const matching = statements.filter((statement) => applies(statement, asked))
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'deny'
  return matching.length > 0 ? 'allow' : 'none'
}

function applies(statement: LiteralStatement, asked: LiteralQuestion): boolean {
  const action = asked.action.toLowerCase()
  const named = list(statement.Action ?? statement.NotAction).some((one) => like(tokens(one.toLowerCase()), action))
  if (named !== (statement.Action !== undefined)) return false
  const answers = [placed(statement, asked)]
  for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
    for (const [key, wanted] of Object.entries(keys)) answers.push(holds(operator, key, list(wanted), asked))
  }
  return !answers.includes(false) && (statement.Effect === 'Deny' || !answers.includes('unknown'))
}

function placed(statement: LiteralStatement, asked: LiteralQuestion): Answer {
  const answers = list(statement.Resource ?? statement.NotResource).map((pattern): Answer => {
    if (pattern === '*') return true
    const wanted = arnParts(
      pattern.replaceAll(/\$\{([^}]*)\}/g, (_all, key: string) => `\${${key.replaceAll(':', ';')}}`),
    )
    const actual = arnParts(asked.resource)
    let answer: Answer = true
    const bound = wanted.map((part) => bind(part.replaceAll(';', ':'), asked))
    if (bound.includes(undefined)) return 'unknown'
    for (const [index, part] of bound.entries()) if (!like(part ?? [], actual[index] ?? '')) answer = false
    return answer
  })
  const any = answers.includes(true) ? true : answers.includes('unknown') ? 'unknown' : false
  return any === 'unknown' || statement.Resource !== undefined ? any : !any
}

function arnParts(arn: string): string[] {
  const [head = '', service = '', region = '', account = '', ...rest] = arn.split(':')
  return [head, service, region || '*', account, rest.join(':')]
}

function valuesOf(key: string, asked: LiteralQuestion): readonly string[] | 'absent' | 'unknown' {
  for (const [name, value] of Object.entries(asked.conditions)) {
    if (name.toLowerCase() === key.toLowerCase()) return list(value)
  }
  return asked.knownKeys.includes(key.toLowerCase()) ? 'absent' : 'unknown'
}

function holds(name: string, key: string, wanted: readonly string[], asked: LiteralQuestion): Answer {
  const [, set, base = '', suffix] = /^(ForAnyValue:|ForAllValues:)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? []
  const actual = valuesOf(key, asked)
  if (base === 'Null' && !set && !suffix) {
    if (actual === 'unknown' || wanted.some((one) => !/^(true|false)$/i.test(one))) return 'unknown'
    return wanted.some((one) => (one.toLowerCase() === 'true') === (actual === 'absent'))
  }
  const negative = /Not/.test(base)
  const positive = base.replace('Not', '')
  if (!known.includes(base) || actual === 'unknown') return 'unknown'
  if (actual === 'absent') return suffix || set === 'ForAllValues:' ? true : set === 'ForAnyValue:' ? false : negative
  const each = actual.map((value): Answer => {
    const answers = wanted.map((one) => compare(positive, value, one, asked))
    if (answers.includes(true)) return !negative
    return answers.includes('unknown') ? 'unknown' : negative
  })
  const isAll = set === 'ForAllValues:'
  if (each.includes(!isAll)) return !isAll
  return each.includes('unknown') ? 'unknown' : isAll
}

const ordering = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
const known = [
  ...['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map((one) => `String${one}`),
  ...ordering.flatMap((one) => [`Numeric${one}`, `Date${one}`]),
  'Bool',
  'IpAddress',
  'NotIpAddress',
]

function compare(operator: string, actual: string, wanted: string, asked: LiteralQuestion): Answer {
  const bound = bind(wanted, asked)
  if (bound === undefined) return 'unknown'
  const text = bound.map((token) => (typeof token === 'string' ? token : token.wild)).join('')
  switch (operator) {
    case 'StringEquals':
      return actual === text
    case 'StringEqualsIgnoreCase':
      return actual.toLowerCase() === text.toLowerCase()
    case 'StringLike':
      return like(bound, actual)
    case 'Bool': {
      const both = [actual.toLowerCase(), text.toLowerCase()]
      return both.every((one) => one === 'true' || one === 'false') ? both[0] === both[1] : 'unknown'
    }
    case 'IpAddress':
      return inNetwork(actual, text)
  }
  const [, kind, order] = /^(Numeric|Date)(.*)$/.exec(operator) ?? []
  const isReadable = (one: string) => (kind === 'Date' ? /^\d{4}-\d\d-\d\d/.test(one) : /^-?\d+(\.\d+)?$/.test(one))
  if (!isReadable(actual) || !isReadable(text)) return 'unknown'
  const [a, b] = kind === 'Date' ? [Date.parse(actual), Date.parse(text)] : [Number(actual), Number(text)]
  if (a === b) return order === 'Equals' || order === 'LessThanEquals' || order === 'GreaterThanEquals'
  return a < b
    ? order === 'LessThan' || order === 'LessThanEquals'
    : order === 'GreaterThan' || order === 'GreaterThanEquals'
}

/** IPv4 bit by bit; IPv6 by its 128 bits. */
function inNetwork(actual: string, wanted: string): Answer {
  const [network = '', length] = wanted.split('/')
  const [a, b] = [bitsOf(actual), bitsOf(network)]
  if (!a || !b || Number(length ?? 0) > b.length) return 'unknown'
  const prefix = b.slice(0, length === undefined ? b.length : Number(length))
  return a.length === b.length && a.startsWith(prefix)
}

function bitsOf(address: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) {
    return address
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('')
  }
  if (!address.includes(':')) return undefined
  const [head = '', tail] = address.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  const filled = [...groups(head)]
  if (tail !== undefined) {
    while (filled.length + groups(tail).length < 8) filled.push('0')
    filled.push(...groups(tail))
  }
  return filled.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}

/** A character, or a wildcard. */
type Token = string | { wild: '*' | '?' }

function tokens(pattern: string): Token[] {
  return [...pattern].map((char) => (char === '*' || char === '?' ? { wild: char } : char))
}

function bind(pattern: string, asked: LiteralQuestion): Token[] | undefined {
  const found = /^(.*?)\$\{([A-Za-z]+:[\w./-]+)\}(.*)$/s.exec(pattern)
  if (!found) return tokens(pattern)
  const values = valuesOf(found[2] ?? '', asked)
  const raw = Object.entries(asked.conditions).find(([name]) => name.toLowerCase() === found[2]?.toLowerCase())?.[1]
  const rest = bind(found[3] ?? '', asked)
  if (typeof values === 'string' || typeof raw !== 'string' || rest === undefined) return undefined
  return [...tokens(found[1] ?? ''), ...raw, ...rest]
}

function like([first, ...rest]: readonly Token[], text: string): boolean {
  if (first === undefined) return text === ''
  if (typeof first === 'string') return text !== '' && text[0] === first && like(rest, text.slice(1))
  if (first.wild === '?') return text !== '' && like(rest, text.slice(1))
  return like(rest, text) || (text !== '' && like([first, ...rest], text.slice(1)))
}
