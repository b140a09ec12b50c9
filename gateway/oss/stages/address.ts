import { type FindDomain, readAddresses } from '../address.ts'
import type { ObjectExchange } from '../exchange.ts'
import { parseQuery } from '../query.ts'

/** Reads bucket and key from host and path, and the query. */
export function address(serviceHosts: readonly string[], findDomain: FindDomain) {
  return (exchange: ObjectExchange): void => {
    const target = exchange.incoming.url ?? '/'
    const question = target.indexOf('?')
    const path = (question === -1 ? target : target.slice(0, question)) || '/'
    const addresses = readAddresses(exchange.incoming.headers.host ?? '', path, serviceHosts, findDomain)
    exchange.addresses = addresses
    exchange.address = addresses[0]
    exchange.path = decodeURIComponent(path)
    exchange.sentPath = path
    exchange.pairs = question === -1 ? [] : parseQuery(target.slice(question + 1))
    exchange.query = new Map(exchange.pairs.map((pair) => [pair.name, pair.value]))
  }
}
