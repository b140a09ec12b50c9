import type { OperationContext } from '@pileus/kernel/operation'
import { findEndpoint, isVendorHost } from './domain/endpoints.ts'

interface EndpointRequest {
  Id: string
  ServiceCode: string
  Type?: string | undefined
}

/**
 * An endpoint as the wire writes it, its misspelt `SerivceCode` included. Only public endpoints exist, so other types
 * have none. @throws InvalidRegionId.NotFound
 */
export function describeEndpoint(
  ctx: Pick<OperationContext, 'hosted' | 'endpoint' | 'secureTransport'>,
  request: EndpointRequest,
) {
  const region = ctx.hosted.get(request.Id)
  const type = request.Type || 'openAPI'
  const endpoint =
    type.toLowerCase() === 'openapi' ? findEndpoint(request.ServiceCode, region.id, ctx.endpoint) : undefined
  if (endpoint === undefined) return undefined
  // Each port of a direct endpoint speaks one protocol; the vendor's names answer both.
  const protocols = isVendorHost(endpoint) ? ['HTTP', 'HTTPS'] : [ctx.secureTransport ? 'HTTPS' : 'HTTP']
  return {
    Endpoint: endpoint,
    Id: region.id,
    Namespace: '',
    SerivceCode: request.ServiceCode,
    Type: 'openAPI',
    Protocols: { Protocols: protocols },
  }
}
