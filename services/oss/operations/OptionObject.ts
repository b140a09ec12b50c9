import { type ObjectAnswer, type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { corsHeaders, findCorsRule } from '../domain/cors.ts'
import { header } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { type BucketContext, onBucket, onObject } from '../operation.ts'

/** The question that browsers ask before they send a request of another origin. */
export const OptionObject = onObject({
  name: 'OptionObject',
  route: { method: 'OPTIONS' },
  permission: 'everybody',
  run: answerPreflight,
})

export const OptionBucket = onBucket({
  name: 'OptionBucket',
  route: { method: 'OPTIONS' },
  permission: 'everybody',
  run: answerPreflight,
})

async function answerPreflight({ bucket }: BucketContext, { headers }: ObjectRequest): Promise<ObjectAnswer> {
  const origin = header(headers, 'origin')
  const method = header(headers, 'access-control-request-method')
  if (origin === undefined || method === undefined) {
    const reason = 'The headers Origin and Access-Control-Request-Method are needed.'
    throw objectError(errors.AccessForbidden, { facts: { reason } })
  }
  const wanted = (header(headers, 'access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  const question = { origin, method, headers: wanted }
  const rule = findCorsRule(bucket.settings.cors, question)
  if (!rule) {
    const reason = 'No rule of the bucket allows this origin, method and headers.'
    throw objectError(errors.AccessForbidden, { facts: { reason } })
  }
  const allowed = wanted.length > 0 ? { 'access-control-allow-headers': wanted.join(', ') } : {}
  return { status: 200, headers: { ...corsHeaders(rule, question), ...allowed } }
}
