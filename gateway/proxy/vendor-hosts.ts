/**
 * The vendor's public host names, read for what they say: which product, region and bucket a client means.
 *
 * Product hosts come in these shapes, all under one domain:
 * - `sts` (one for the world), `ram.vpc-proxy` (the same from inside a VPC)
 * - `ecs.cn-hangzhou`, `ecs-vpc.cn-hangzhou` (inside a VPC), `ecs-cn-hangzhou` (older)
 * - `1234567890123456.mns.cn-hangzhou`, `1234567890123456.cn-hangzhou.fc` (the account or instance first)
 * - `cn-hangzhou.log`, `project.cn-hangzhou.log`, `cn-hangzhou-intranet.log`
 *
 * Object storage has `oss-cn-hangzhou`, `oss-cn-hangzhou-internal`, `s3.oss-cn-hangzhou`, `cn-hangzhou.oss` (dual
 * stack) and `oss-accelerate`, each with or without a bucket in front.
 */
import { isIP } from 'node:net'

/** The one domain under which all of the vendor's API hosts live. */
export const vendorDomain = 'aliyuncs.com'

/** What a host name says. Absent fields are not said: a request may still name its region in a parameter. */
export interface HostMeaning {
  /** Lower-case product code as used in endpoints: `ecs`, `oss`, `bssopenapi`. */
  readonly product?: string
  readonly regionId?: string
  readonly bucket?: string
}

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
const region = /^(?:cn-[a-z0-9]+(?:-[a-z0-9]+)*|(?:ap|us|eu|me|na|sa|af|rus)-[a-z]+-\d+)$/
const productThenRegion = /^([a-z0-9-]+?)-((?:cn-[a-z0-9]+(?:-[a-z0-9]+)*|(?:ap|us|eu|me|na|sa|af|rus)-[a-z]+-\d+))$/
const insideNetwork = /-(?:vpc|vpc-proxy|internal|intranet|inner|share|anony-vpc)$/

/** Hosts that are not named after the product's code. */
const productAliases: Readonly<Record<string, string>> = {
  business: 'bssopenapi',
  'location-readonly': 'location',
  log: 'sls',
  metrics: 'cms',
}

/**
 * The host name in lower case, without port and final dot, or undefined where it is no DNS name (an IP address is none).
 */
export function parseHostName(host: string): string | undefined {
  if (host.length > 260) return undefined
  const name = host
    .toLowerCase()
    .replace(/:\d{0,5}$/, '')
    .replace(/\.$/, '')
  if (name.length > 253 || isIP(name) !== 0) return undefined
  return name.split('.').every((part) => label.test(part)) ? name : undefined
}

/** Whether this cloud answers for a host, which may carry a port: every name below the vendor's API domain. */
export function answersFor(host: string): boolean {
  return parseHostName(host)?.endsWith(`.${vendorDomain}`) ?? false
}

function productNamed(name: string): string {
  const product = name.replace(insideNetwork, '')
  return Object.hasOwn(productAliases, product) ? productAliases[product]! : product
}

function objectStorage(labels: readonly string[]): HostMeaning | undefined {
  const last = labels.at(-1)!
  let before = labels.slice(0, -1)
  let regionId: string | undefined
  if (last === 'oss' || last === 'oss-internal') {
    const dualStack = before.at(-1)?.replace(insideNetwork, '')
    if (dualStack !== undefined && region.test(dualStack)) {
      regionId = dualStack
      before = before.slice(0, -1)
    }
  } else if (last.startsWith('oss-')) {
    const place = last.slice('oss-'.length).replace(insideNetwork, '')
    if (region.test(place)) regionId = place
    else if (!place.startsWith('accelerate')) return undefined
  } else return undefined
  if (before.at(-1) === 's3') before = before.slice(0, -1)
  const bucket = before.length === 1 ? before[0] : undefined
  return {
    product: 'oss',
    ...(regionId !== undefined && { regionId }),
    ...(bucket !== undefined && { bucket }),
  }
}

/**
 * What a host name, with or without port, says about a request. Empty for hosts that are not the vendor's, so that a
 * direct endpoint such as `127.0.0.1:8080` says nothing.
 */
export function productOfHost(host: string): HostMeaning {
  if (!answersFor(host)) return {}
  const labels = parseHostName(host)!
    .slice(0, -vendorDomain.length - 1)
    .split('.')
  const storage = objectStorage(labels)
  if (storage !== undefined) return storage

  const last = labels.at(-1)!
  const previous = labels.at(-2)
  if (previous === undefined) {
    const older = productThenRegion.exec(last)
    if (older !== null) return { product: productNamed(older[1]!), regionId: older[2]! }
    return region.test(last) ? { regionId: last } : { product: productNamed(last) }
  }
  if (region.test(last)) return { product: productNamed(previous), regionId: last }
  if (last === 'vpc-proxy') return { product: productNamed(previous) }
  const place = previous.replace(insideNetwork, '')
  return region.test(place) ? { product: productNamed(last), regionId: place } : { product: productNamed(last) }
}
