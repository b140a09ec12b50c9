import { findProduct } from '@pileus/contract/contract'

/** Codes under which the location service knows products, where they differ from the products' own. */
const aliases: Readonly<Record<string, string>> = {
  business: 'bssopenapi',
  cen: 'cbn',
  kvstore: 'r-kvstore',
  log: 'sls',
  redisa: 'r-kvstore',
}

/** Products with one endpoint for all regions. */
const global = new Set(['ram', 'sts', 'ims', 'bssopenapi', 'location', 'resourcemanager', 'cbn'])

/** Host names of products whose endpoints are not called as the product is. */
const hostNames: Readonly<Record<string, string>> = { bssopenapi: 'business', cms: 'metrics', sls: 'log' }

/**
 * Where the product of `serviceCode` answers for a caller who reached us at `reachedAt`; undefined when there is no
 * such product. Direct callers find all products at one host and port. Those who come through the proxy, under the
 * vendor's names, get the name that production has.
 */
export function findEndpoint(serviceCode: string, regionId: string, reachedAt: string): string | undefined {
  const code = serviceCode.toLowerCase()
  const product = Object.hasOwn(aliases, code) ? (aliases[code] ?? code) : code
  if (product !== 'oss' && !findProduct(product)) return undefined
  if (!isVendorHost(reachedAt)) return reachedAt
  if (product === 'oss') return `oss-${regionId}.aliyuncs.com`
  const host = Object.hasOwn(hostNames, product) ? hostNames[product] : product
  return global.has(product) ? `${host}.aliyuncs.com` : `${host}.${regionId}.aliyuncs.com`
}

export function isVendorHost(endpoint: string): boolean {
  return /^[a-z0-9.-]+\.aliyuncs\.com(:\d+)?$/i.test(endpoint)
}
