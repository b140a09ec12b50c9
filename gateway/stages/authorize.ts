import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { AuthorizationDecision, Authorizer, ResidencyGate } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import { gatewayErrors } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { headerOf } from '../http-request.ts'

/** Products whose refusals are called `NoPermission` instead of `Forbidden.RAM`. */
const noPermissionProducts = new Set(['Ram', 'Sts', 'Ims', 'Kms'])

/** Asks whether the principal may do this to these resources. */
export function authorize(authorizer: Authorizer, store: Store) {
  return (exchange: Exchange): void | Promise<void> => {
    const { operation, principal, regionId } = exchange
    if (!operation || !principal || !regionId) throw new Error('authorize comes after place and authenticate')
    const { resources, findResources, permission } = operation.rules
    if (typeof permission === 'object') return
    if (!findResources) return ask(authorizer, exchange, permission, resources?.(exchange.request as never) ?? ['*'])
    const lookup = { db: store.db, accountId: principal.accountId, regionId, principal }
    return findResources(lookup, exchange.request as never).then((parts) =>
      ask(authorizer, exchange, permission, parts),
    )
  }
}

function ask(
  authorizer: Authorizer,
  exchange: Exchange,
  permission: string,
  parts: readonly string[],
): void | Promise<void> {
  const { operation, principal, product, http } = exchange
  if (!operation || !principal || !product) throw new Error('authorize comes after resolve and authenticate')
  const region = operation.rules.scope === 'global' ? '*' : exchange.regionId
  const prefix = `acs:${product.product.toLowerCase()}:${region}:${principal.accountId}:`
  // Some operations name a resource of another product by its whole ARN.
  exchange.resources = parts.map((part) => (part.startsWith('acs:') ? part : prefix + part))
  const more = operation.rules.alsoAsks?.(exchange.request as never, principal.accountId) ?? []
  const conditions = {
    'acs:SourceIp': http.sourceIp,
    'acs:SecureTransport': String(http.secureTransport),
    // Few policies ask for the time, and writing it costs as much as a signature's parsing.
    get 'acs:CurrentTime'() {
      return isoSeconds(exchange.startedAt)
    },
    'acs:UserAgent': headerOf(http, 'user-agent') ?? '',
    ...requestedConditions(product.product, exchange.request),
  }
  const { resources } = exchange
  const decision = authorizer.authorize({ principal, action: permission, resources, conditions })
  if (more.length === 0 && !(decision instanceof Promise)) return enforce(exchange, permission, decision)
  return enforceAll(exchange, permission, decision, async () => {
    for (const { permission: action, resources } of more) {
      const made = await authorizer.authorize({ principal, action, resources, conditions })
      enforce(exchange, action, made, resources)
    }
  })
}

/** Keys that the parameters of the request fill. */
function requestedConditions(
  product: string,
  request: unknown,
): Record<string, string | readonly string[]> | undefined {
  const { Tag: tags, InstanceType: instanceType } = request as { Tag?: unknown; InstanceType?: unknown }
  if (tags === undefined && instanceType === undefined) return undefined
  const conditions: Record<string, string | readonly string[]> = {}
  if (product === 'Ecs' && typeof instanceType === 'string') conditions['ecs:InstanceType'] = instanceType
  const keys = (Array.isArray(tags) ? tags : []).flatMap((tag: { Key?: unknown; Value?: unknown }) => {
    if (typeof tag?.Key !== 'string') return []
    conditions[`acs:RequestTag/${tag.Key}`] = typeof tag.Value === 'string' ? tag.Value : ''
    return [tag.Key]
  })
  if (keys.length > 0) conditions['acs:TagKeys'] = keys
  return conditions
}

async function enforceAll(
  exchange: Exchange,
  permission: string,
  decision: AuthorizationDecision | Promise<AuthorizationDecision>,
  rest: () => Promise<void>,
): Promise<void> {
  enforce(exchange, permission, await decision)
  await rest()
}

function enforce(
  exchange: Exchange,
  permission: string,
  decision: AuthorizationDecision,
  resources: readonly string[] = exchange.resources,
): void {
  if (decision.kind === 'allowed') return
  const kind = noPermissionProducts.has(exchange.product?.product ?? '') ? 'NoPermission' : 'Forbidden.RAM'
  const facts = { action: permission, resource: resources.join(', ') }
  throw apiError(gatewayErrors[kind], facts, { accessDenied: decision.detail })
}

/** Asks the law where the operation would place data. */
export function checkResidency(gate: ResidencyGate) {
  return (exchange: Exchange): void | Promise<void> => {
    const { operation, principal, regionId } = exchange
    if (!operation || !principal || !regionId) throw new Error('checkResidency comes after place and authenticate')
    const { places, placesWhen, permission } = operation.rules
    if (places === 'nowhere' || typeof permission === 'object') return
    if (placesWhen && !placesWhen(exchange.request as never)) return
    const target = places(exchange.request as never, regionId)
    const decision = gate.mayPlace({
      accountId: principal.accountId,
      principal,
      action: permission,
      regionId: target,
      resources: exchange.resources,
      language: exchange.language,
      requestId: exchange.requestId,
    })
    const enforceLaw = (made: Awaited<typeof decision>): void => {
      if (made.evidence) exchange.residency = made.evidence
      if (made.kind === 'denied')
        throw apiError(gatewayErrors[made.code ?? 'Forbidden.Residency'], { regionId: target, reason: made.reason })
    }
    if (decision instanceof Promise) return decision.then(enforceLaw)
    enforceLaw(decision)
  }
}
