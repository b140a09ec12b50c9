/** Which requests of the one public listener are object storage's. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ObjectService } from '@pileus/kernel/object-protocol'
import { productOfHost } from '../proxy/vendor-hosts.ts'
import { type FindDomain, readHost } from './address.ts'
import type { ObjectPipeline } from './pipeline.ts'

export interface ObjectListener {
  claims(incoming: IncomingMessage): boolean
  answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>
}

/** Where files for everybody are; no bucket has such a name. */
const publicPrefix = '/.well-known/'

export function createObjectListener(
  pipeline: ObjectPipeline,
  service: Pick<ObjectService, 'findPublicFile' | 'findDomain'>,
  serviceHosts: readonly string[],
): ObjectListener {
  const findDomain = (host: string): string | undefined => service.findDomain(host)
  return {
    claims: (incoming) => isObjectRequest(incoming, serviceHosts, findDomain),
    async answer(incoming, outgoing) {
      const { url = '/', method, headers } = incoming
      const isPublic = method === 'GET' && url.startsWith(publicPrefix)
      const file =
        isPublic && readHost(headers.host ?? '', serviceHosts, findDomain).bucket === undefined
          ? await service.findPublicFile(url)
          : undefined
      if (!file) return pipeline(incoming, outgoing)
      outgoing.writeHead(200, { 'content-type': file.contentType, 'content-length': Buffer.byteLength(file.text) })
      outgoing.end(file.text)
    },
  }
}

const objectSignature = /^(?:OSS|OSS2|OSS4-HMAC-SHA256|AWS|AWS4-HMAC-SHA256) /
const otherSignature = /^(?:ACS3-|acs )/
const signedUrl = /(?:^|&)(?:OSSAccessKeyId|x-oss-signature-version|x-oss-credential|AWSAccessKeyId|X-Amz-Algorithm)=/

/** Object storage has paths and methods that calls of other products do not have; hosts and signatures say it too. */
export function isObjectRequest(
  incoming: IncomingMessage,
  serviceHosts: readonly string[],
  findDomain: FindDomain,
): boolean {
  const { headers, url = '/' } = incoming
  const { authorization } = headers
  if (authorization !== undefined && objectSignature.test(authorization)) return true
  if (authorization !== undefined && otherSignature.test(authorization)) return false
  if (headers['x-acs-action'] !== undefined || headers['x-acs-version'] !== undefined) return false
  const host = headers.host ?? ''
  const vendor = productOfHost(host)
  if (vendor.product !== undefined) return vendor.product === 'oss'
  const question = url.indexOf('?')
  const query = question === -1 ? '' : url.slice(question + 1)
  if (signedUrl.test(query)) return true
  if (/(?:^|&)(?:Action|Version)=/.test(query)) return false
  if (readHost(host, serviceHosts, findDomain).bucket !== undefined) return true
  const path = question === -1 ? url : url.slice(0, question)
  return path !== '/' && path !== ''
}
