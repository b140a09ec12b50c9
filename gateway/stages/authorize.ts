import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { AuthorizationDecision, Authorizer, ResidencyGate } from '@pileus/kernel/ports'
import { gatewayErrors } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { headerOf } from '../http-request.ts'

/** Products whose refusals are called `NoPermission` instead of `Forbidden.RAM`. */
const noPermissionProducts = new Set(['Ram', 'Sts', 'Ims', 'Kms'])

/** Asks whether the principal may do this to these resources. */
export function authorize(authorizer: Authorizer) {
  return (exchange: Exchange): void | Promise<void> => {
    const { operation, principal, product, http } = exchange
    if (!operation || !principal || !product) throw new Error('authorize comes after resolve and authenticate')
    const { permission, resources, scope } = operation.rules
    if (typeof permission === 'object') return
    const region = scope === 'global' ? '*' : exchange.regionId
    const prefix = `acs:${product.product.toLowerCase()}:${region}:${principal.accountId}:`
    // Some operations name a resource of another product by its whole ARN.
    const parts = resources?.(exchange.request as never) ?? ['*']
    exchange.resources = parts.map((part) => (part.startsWith('acs:') ? part : prefix + part))
    const decision = authorizer.authorize({
      principal,
      action: permission,
      resources: exchange.resources,
      conditions: {
        'acs:SourceIp': http.sourceIp,
        'acs:SecureTransport': String(http.secureTransport),
        // Few policies ask for the time, and writing it costs as much as a signature's parsing.
        get 'acs:CurrentTime'() {
          return isoSeconds(exchange.startedAt)
        },
        'acs:UserAgent': headerOf(http, 'user-agent') ?? '',
      },
    })
    if (decision instanceof Promise) return decision.then((made) => enforce(exchange, permission, made))
    enforce(exchange, permission, decision)
  }
}

function enforce(exchange: Exchange, permission: string, decision: AuthorizationDecision): void {
  if (decision.kind === 'allowed') return
  const kind = noPermissionProducts.has(exchange.product?.product ?? '') ? 'NoPermission' : 'Forbidden.RAM'
  const facts = { action: permission, resource: exchange.resources.join(', ') }
  throw apiError(gatewayErrors[kind], facts, { accessDenied: decision.detail })
}

/** Asks the law where the operation would place data. */
export function checkResidency(gate: ResidencyGate) {
  return (exchange: Exchange): void | Promise<void> => {
    const { operation, principal, regionId } = exchange
    if (!operation || !principal || !regionId) throw new Error('checkResidency comes after place and authenticate')
    const { places, permission } = operation.rules
    if (places === 'nowhere' || typeof permission === 'object') return
    const target = places(exchange.request as never, regionId)
    const decision = gate.mayPlace({
      accountId: principal.accountId,
      principal,
      action: permission,
      regionId: target,
      language: exchange.language,
      requestId: exchange.requestId,
    })
    const enforceLaw = (made: Awaited<typeof decision>): void => {
      if (made.kind === 'denied')
        throw apiError(gatewayErrors['Forbidden.Residency'], { regionId: target, reason: made.reason })
    }
    if (decision instanceof Promise) return decision.then(enforceLaw)
    enforceLaw(decision)
  }
}
