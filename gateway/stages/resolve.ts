import { findProductByVersion, loadProduct, type ProductRef } from '@pileus/contract/contract'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { gatewayErrors } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { headerOf } from '../http-request.ts'
import type { Registry } from '../registry.ts'

/** Finds the operation. What the contract has and this cloud lacks answers 501 by name; what nobody has, 404. */
export function resolve(registry: Registry) {
  return (exchange: Exchange): void => {
    const { http, parameters } = exchange
    // RPC v1 signs no header, so what a header says there is nobody's word.
    const header = (name: string) => (exchange.protocol === 'rpc-v1' ? undefined : headerOf(http, name))
    const action = parameters.get('Action') ?? header('x-acs-action')
    const version = parameters.get('Version') ?? header('x-acs-version')
    if (!version && !action) {
      throw apiError(gatewayErrors['InvalidApi.NotFound'], { method: http.method, path: http.path.slice(0, 200) })
    }
    if (!version) throw apiError(commonErrors.MissingParameter, { parameter: 'Version' })
    const product = findProductByVersion(version)
    if (!product) throw apiError(gatewayErrors.InvalidVersion, { version: version.slice(0, 64) })
    exchange.product = product
    if (product.style === 'RPC' && http.method !== 'GET' && http.method !== 'POST') {
      throw apiError(gatewayErrors.UnsupportedHTTPMethod, { method: http.method.slice(0, 16) })
    }
    if (product.style === 'RPC' && http.path !== '/') {
      throw apiError(gatewayErrors['InvalidApi.NotFound'], { method: http.method, path: http.path.slice(0, 200) })
    }
    // ROA products name what they do by method and path; their clients send the action's name only sometimes.
    const wanted = action ?? (product.style === 'ROA' ? `${http.method} ${http.path.slice(0, 200)}` : undefined)
    if (!wanted) throw apiError(commonErrors.MissingParameter, { parameter: 'Action' })
    const operation = registry.find(product.product, version, wanted)
    const contract = loadProduct(product.product, version)
    const name = operation?.ref.name ?? contract.findActionName(wanted)
    // Only names of the contract are remembered: whoever counts or logs by them must not grow with what callers invent.
    if (name !== undefined) exchange.action = name
    if (!operation) throw notHere(product, name ?? wanted.slice(0, 128), name !== undefined || product.style === 'ROA')
    exchange.operation = operation
    exchange.meta = contract.findAction(operation.ref.name)
  }
}

function notHere(product: ProductRef, action: string, known: boolean) {
  const facts = { product: product.product, version: product.version, action }
  return apiError(known ? commonErrors['Api.NotImplemented'] : gatewayErrors['InvalidAction.NotFound'], facts)
}
