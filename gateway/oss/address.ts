/**
 * Which bucket and key a request means. Names come in the host (`<bucket>.<service host>/<key>`) or in the path
 * (`<service host>/<bucket>/<key>`); some clients send both, and only their signature tells.
 */
import { isIP } from 'node:net'
import { objectError } from '@pileus/kernel/object-protocol'
import { productOfHost } from '../proxy/vendor-hosts.ts'
import { ossErrors } from './errors.ts'

export interface Address {
  bucket: string | undefined
  key: string | undefined
  /** Region that the host names. */
  regionId: string | undefined
}

/** Longest object key, in bytes of UTF-8. @see docs/sources.md#oss */
export const maxKeyBytes = 1023

const bucketName = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/

/** Names of the service below which a further label is a bucket. */
const serviceLabels = /^(?:oss|s3)(?:-[a-z0-9-]+)?$/

/** Name of the bucket that a custom domain means. */
export type FindDomain = (host: string) => string | undefined

/**
 * What the host alone says. `serviceHosts` are names of this installation besides loopback, in lower case; custom
 * domains are looked up last, so that no bucket can take such a name.
 */
export function readHost(
  host: string,
  serviceHosts: readonly string[],
  findDomain: FindDomain,
): { bucket: string | undefined; regionId: string | undefined } {
  const vendor = productOfHost(host)
  if (vendor.product === 'oss') return { bucket: vendor.bucket, regionId: vendor.regionId }
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  const none = { bucket: undefined, regionId: undefined }
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return none
  for (const service of ['localhost', ...serviceHosts]) {
    if (name === service) return none
    if (!name.endsWith(`.${service}`)) continue
    const labels = name.slice(0, -service.length - 1).split('.')
    let regionId: string | undefined
    if (labels.length > 0 && serviceLabels.test(labels.at(-1)!)) {
      regionId = /^oss-(.+?)(?:-internal)?$/.exec(labels.pop()!)?.[1]
    }
    return { bucket: labels.length > 0 ? labels.join('.') : undefined, regionId }
  }
  return { bucket: findDomain(name), regionId: undefined }
}

/**
 * The readings that a request allows, the likely one first. There is a second one when the host names a bucket and
 * the path begins with the same name.
 * @throws InvalidObjectName when the path is not valid UTF-8 or too long
 */
export function readAddresses(
  host: string,
  path: string,
  serviceHosts: readonly string[],
  findDomain: FindDomain,
): [Address, ...Address[]] {
  const { bucket, regionId } = readHost(host, serviceHosts, findDomain)
  const decoded = decodePath(path)
  if (bucket === undefined) return [{ ...splitPath(decoded), regionId }]
  const key = decoded.slice(1)
  const byHost: Address = { bucket, key: key === '' ? undefined : key, regionId }
  const byPath = splitPath(decoded)
  return byPath.bucket === bucket ? [byHost, { ...byPath, regionId }] : [byHost]
}

/** Whether a name could be a bucket's. */
export function isBucketName(name: string): boolean {
  return bucketName.test(name)
}

function splitPath(decoded: string): { bucket: string | undefined; key: string | undefined } {
  const slash = decoded.indexOf('/', 1)
  const bucket = slash === -1 ? decoded.slice(1) : decoded.slice(1, slash)
  const key = slash === -1 ? '' : decoded.slice(slash + 1)
  return { bucket: bucket === '' ? undefined : bucket, key: key === '' ? undefined : key }
}

function decodePath(path: string): string {
  try {
    // Node gives the bytes of the request line as Latin-1; clients may send UTF-8 unescaped.
    return decodeURIComponent(hasBareBytes(path) ? Buffer.from(path, 'latin1').toString('utf8') : path)
  } catch {
    throw objectError(ossErrors.InvalidURI)
  }
}

function hasBareBytes(path: string): boolean {
  for (let i = 0; i < path.length; i += 1) if (path.charCodeAt(i) > 127) return true
  return false
}

/** @throws InvalidObjectName */
export function checkKey(key: string): void {
  const reason =
    key.length > maxKeyBytes || Buffer.byteLength(key) > maxKeyBytes
      ? `it is longer than ${maxKeyBytes} bytes.`
      : key.startsWith('/') || key.startsWith('\\')
        ? 'it begins with a slash or backslash.'
        : key.includes('\0')
          ? 'it holds NUL.'
          : undefined
  if (reason) throw objectError(ossErrors.InvalidObjectName, { facts: { reason }, details: { ObjectName: key } })
}
