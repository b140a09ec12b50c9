/** HMAC-SHA1 signatures: OSS version 1, and S3 version 2, which differ in names only. */
import { createHmac } from 'node:crypto'
import { isSameSignature } from '../../signatures/signed-request.ts'
import type { Address } from '../address.ts'
import { headerOf, type ObjectSignature, parseDateHeader, type Signable } from './signable.ts'

/** Query keys that OSS clients sign as part of the resource. @see docs/sources.md#oss */
const ossSubresources = new Set(
  `acl accessPoint accessPointPolicy append asyncFetch bucketArchiveDirectRead bucketInfo callback callback-var
  cloudboxes cname comp continuation-token cors delete encryption endTime group httpsConfig img inventory inventoryId
  lifecycle link live location logging metaQuery objectInfo objectMeta partNumber policy position publicAccessBlock qos
  qosInfo qosRequester redundancyTransition referer regionList replication replicationLocation replicationProgress
  requestPayment requesterQosInfo resourceGroup resourcePool resourcePoolBuckets resourcePoolInfo
  response-cache-control response-content-disposition response-content-encoding response-content-language
  response-content-type response-expires responseHeader restore rtc security-token sequential startTime stat status
  style styleName symlink tagging transferAcceleration udf udfApplication udfApplicationLog udfId udfImage udfImageDesc
  udfName uploadId uploads versionId versioning versions vod website withHashContext worm wormExtend wormId policyStatus
  overwriteConfig userDefinedLogFieldsConfig accessPointForObjectProcess accessPointConfigForObjectProcess
  accessPointPolicyForObjectProcess regions regionsV2 redundancyType dataAccelerator verbose reservedcapacity
  virtualBucket copy eventnotification`.split(/\s+/),
)

const s3Subresources = new Set(
  `accelerate acl analytics cors delete encryption inventory lifecycle location logging metrics notification partNumber
  policy publicAccessBlock replication requestPayment response-cache-control response-content-disposition
  response-content-encoding response-content-language response-content-type response-expires restore tagging torrent
  uploadId uploads versionId versioning versions website`.split(/\s+/),
)

/** What the signature itself adds to the query, which cannot be part of what is signed. */
const signatureKeys = new Set(['OSSAccessKeyId', 'AWSAccessKeyId', 'Expires', 'Signature'])

interface Names {
  scheme: 'oss-v1' | 's3-v2'
  headerPrefix: 'x-oss-' | 'x-amz-'
  isSubresource(name: string): boolean
}

const oss: Names = {
  scheme: 'oss-v1',
  headerPrefix: 'x-oss-',
  isSubresource: (name) => ossSubresources.has(name) || name.startsWith('x-oss-'),
}
const s3: Names = {
  scheme: 's3-v2',
  headerPrefix: 'x-amz-',
  // Those of OSS too: S3's clients never send them, and whoever adds one to a signed URL must not get another answer.
  isSubresource: (name) => s3Subresources.has(name) || oss.isSubresource(name),
}

/** Reads `OSS <key>:<signature>` or `AWS <key>:<signature>`; undefined when it is neither. */
export function readV1Header(request: Signable): ObjectSignature | undefined {
  const parts = /^(OSS|AWS) ([^:\s]+):(\S+)$/.exec(headerOf(request.headers, 'authorization') ?? '')
  if (!parts) return undefined
  const names = parts[1] === 'OSS' ? oss : s3
  const own = headerOf(request.headers, `${names.headerPrefix}date`)
  const date = headerOf(request.headers, 'date')
  // S3 signs an empty line when its own header is there; OSS signs that header twice.
  const dateLine = own === undefined ? (date ?? '') : names === oss ? own : ''
  return {
    where: 'header',
    signedAt: parseDateHeader(own ?? date),
    expiresAt: undefined,
    securityToken: headerOf(request.headers, `${names.headerPrefix}security-token`),
    ...verifier(request, names, parts[2]!, parts[3]!, dateLine),
  }
}

/** Reads a signed URL; undefined when the query has no such signature. */
export function readV1Query(request: Signable): ObjectSignature | undefined {
  const query = new Map(request.query.map((pair) => [pair.name, pair.value]))
  const names = query.has('OSSAccessKeyId') ? oss : query.has('AWSAccessKeyId') ? s3 : undefined
  if (!names) return undefined
  const expires = query.get('Expires') ?? ''
  return {
    where: 'query',
    signedAt: undefined,
    expiresAt: /^\d{1,12}$/.test(expires) ? new Date(Number(expires) * 1000) : new Date(0),
    securityToken: query.get(names === oss ? 'security-token' : 'x-amz-security-token'),
    ...verifier(
      request,
      names,
      query.get(names === oss ? 'OSSAccessKeyId' : 'AWSAccessKeyId')!,
      query.get('Signature') ?? '',
      expires,
    ),
  }
}

function verifier(request: Signable, names: Names, accessKeyId: string, signature: string, dateLine: string) {
  // SDKs disagree about what is a sub-resource: most sign the common ones, some every key their operation declares.
  const choices = [
    names.isSubresource,
    (name: string) => !signatureKeys.has(name),
    // Python's does not sign this one, which only asks for the regions there are.
    (name: string) => names.isSubresource(name) && name !== 'regions',
  ]
  return {
    scheme: names.scheme,
    accessKeyId,
    signature,
    startsAt: undefined,
    regionId: undefined,
    stringToSign: stringToSign(
      request,
      names,
      dateLine,
      resourcesOf(request, names, request.addresses[0]!)[0]!,
      names.isSubresource,
    ),
    match(secret: string) {
      for (const address of request.addresses) {
        for (const resource of resourcesOf(request, names, address)) {
          for (const isSigned of choices) {
            const text = stringToSign(request, names, dateLine, resource, isSigned)
            if (isSameSignature(signature, createHmac('sha1', secret).update(text).digest('base64'))) return { address }
          }
        }
      }
      return undefined
    },
  }
}

function stringToSign(
  { method, headers, query }: Signable,
  names: Names,
  dateLine: string,
  resource: string,
  isSigned: (name: string) => boolean,
): string {
  const own = Object.keys(headers)
    .filter((name) => name.startsWith(names.headerPrefix))
    .sort()
    .map((name) => `${name}:${headerOf(headers, name)!.trim()}\n`)
    .join('')
  const subresources = query
    .filter((pair) => isSigned(pair.name))
    .map((pair) => (pair.value === '' ? pair.name : `${pair.name}=${pair.value}`))
    .sort()
    .join('&')
  const contentMd5 = headerOf(headers, 'content-md5') ?? ''
  const contentType = headerOf(headers, 'content-type') ?? ''
  const tail = subresources === '' ? resource : `${resource}?${subresources}`
  return `${method}\n${contentMd5}\n${contentType}\n${dateLine}\n${own}${tail}`
}

/**
 * OSS signs what is meant. S3 signs the path as it was sent, behind the bucket where the host names it; some of its
 * clients sign a bucket with a slash that they do not send.
 */
function resourcesOf({ sentPath }: Signable, names: Names, { bucket, key }: Address): string[] {
  const meant = bucket === undefined ? '/' : `/${bucket}/${key ?? ''}`
  if (names === oss) return [meant]
  const isInPath = bucket === undefined || sentPath === `/${bucket}` || sentPath.startsWith(`/${bucket}/`)
  const sent = isInPath ? sentPath : `/${bucket}${sentPath}`
  return key === undefined && sent !== meant ? [sent, meant] : [sent]
}
