import type { BucketSettings, CorsRule } from './bucket.ts'

export interface CorsQuestion {
  origin: string
  method: string
  /** Headers that the browser wants to send; lower case. */
  headers: readonly string[]
}

/** The first rule that allows it, of the bucket's rules in their order. */
export function findCorsRule(cors: BucketSettings['cors'], question: CorsQuestion): CorsRule | undefined {
  return cors?.rules.find(
    (rule) =>
      rule.allowedOrigins.some((pattern) => matches(pattern, question.origin)) &&
      rule.allowedMethods.includes(question.method) &&
      question.headers.every((name) => rule.allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))),
  )
}

/** Patterns have one `*` at most. */
function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text
  const tail = pattern.slice(star + 1)
  return text.length >= pattern.length - 1 && text.startsWith(pattern.slice(0, star)) && text.endsWith(tail)
}

/** Headers of an answer that the rule allows. */
export function corsHeaders(rule: CorsRule, question: CorsQuestion): Record<string, string> {
  const headers: Record<string, string> = {
    'access-control-allow-origin': rule.allowedOrigins.includes('*') ? '*' : question.origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    vary: 'Origin',
  }
  if (rule.exposeHeaders.length > 0) headers['access-control-expose-headers'] = rule.exposeHeaders.join(', ')
  if (rule.maxAgeSeconds !== undefined) headers['access-control-max-age'] = String(rule.maxAgeSeconds)
  return headers
}
