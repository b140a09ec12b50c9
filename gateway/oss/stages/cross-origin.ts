import type { ObjectService } from '@pileus/kernel/object-protocol'
import type { ObjectExchange } from '../exchange.ts'

/** Asks the bucket's CORS rules for a page of another origin, which should be able to read refusals as well. */
export function crossOrigin(service: Pick<ObjectService, 'findCorsHeaders'>) {
  return (exchange: ObjectExchange): void | Promise<void> => {
    const { address, incoming, method } = exchange
    if (incoming.headers.origin === undefined || address.bucket === undefined) return
    const found = service.findCorsHeaders(address.bucket, method, incoming.headers)
    if (found instanceof Promise) {
      return found.then((headers) => {
        exchange.crossOrigin = headers
      })
    }
    exchange.crossOrigin = found
  }
}
