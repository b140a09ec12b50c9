import { say } from '@pileus/kernel/messages/text'
import type { XmlElement } from '@pileus/kernel/object-protocol'
import type { CorsRule } from '../domain/bucket.ts'
import { invalid } from '../domain/headers.ts'
import { allowOnly, childrenOf, findText, malformedXml, textsOf } from '../domain/xml.ts'
import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

const maxRules = 20
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD']

export const PutBucketCors = onBucket({
  name: 'PutBucketCors',
  route: { method: 'PUT', subresources: ['cors'] },
  permission: 'oss:PutBucketCors',
  async run({ buckets, bucket }, request) {
    const root = await request.readXml('CORSConfiguration')
    allowOnly(root, 'CORSRule', 'ResponseVary')
    const rules = childrenOf(root, 'CORSRule').map(readRule)
    if (rules.length === 0 || rules.length > maxRules) throw malformedXml(say`there must be 1 to ${maxRules} rules.`)
    const responseVary = findText(root, 'ResponseVary')?.trim() === 'true'
    await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, 'cors', { rules, responseVary }))
    return { status: 200 }
  },
})

function readRule(element: XmlElement): CorsRule {
  allowOnly(element, 'ID', 'AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader', 'MaxAgeSeconds')
  const rule = {
    allowedOrigins: textsOf(element, 'AllowedOrigin'),
    allowedMethods: textsOf(element, 'AllowedMethod'),
    allowedHeaders: textsOf(element, 'AllowedHeader'),
    exposeHeaders: textsOf(element, 'ExposeHeader'),
  }
  const age = findText(element, 'MaxAgeSeconds')?.trim()
  if (rule.allowedOrigins.length === 0) throw malformedXml(say`a rule has no AllowedOrigin.`)
  if (rule.allowedMethods.length === 0) throw malformedXml(say`a rule has no AllowedMethod.`)
  const unknown = rule.allowedMethods.find((method) => !methods.includes(method))
  if (unknown !== undefined)
    throw malformedXml(say`the method "${unknown.slice(0, 20)}" is not one of ${methods.join(', ')}.`)
  const patterns = [...rule.allowedOrigins, ...rule.allowedHeaders]
  if (patterns.some((text) => text.split('*').length > 2)) throw malformedXml(say`a pattern may have one *.`)
  if (rule.exposeHeaders.some((text) => !/^[\w!#$%&'+.^`|~-]+$/.test(text))) {
    throw malformedXml(say`an ExposeHeader is the name of a header, without *.`)
  }
  if (age !== undefined && age !== '' && !/^\d{1,9}$/.test(age)) {
    throw invalid('MaxAgeSeconds', age, say`MaxAgeSeconds must be a number from 0 on.`)
  }
  return { ...rule, maxAgeSeconds: age ? Number(age) : undefined }
}
