import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import type { ResidencyDecision, ResidencyGate } from '@pileus/kernel/ports'
import { ossErrors } from '../errors.ts'
import type { ObjectExchange } from '../exchange.ts'

/** Asks the law where the operation would place data. */
export function checkResidency(gate: ResidencyGate) {
  return (exchange: ObjectExchange): void | Promise<void> => {
    const { operation, principal, regionId, ownerId, resource } = exchange
    if (!operation || !principal || !regionId) throw new Error('checkResidency comes after authorize')
    if (!operation.places) return
    const enforceLaw = (made: ResidencyDecision): void => {
      if (made.evidence) exchange.residency = made.evidence
      if (made.kind === 'allowed') return
      const reason = say`Data may not be placed in ${regionId}: ${made.reason}`
      throw objectError(ossErrors.AccessDenied, { facts: { reason } })
    }
    const decision = gate.mayPlace({
      // What is in a bucket is its owner's.
      accountId: (ownerId ?? principal.accountId) as AccountId,
      principal,
      action: operation.permission,
      regionId,
      ...(resource === undefined ? {} : { resource }),
      language: String(exchange.incoming.headers['accept-language'] ?? ''),
      requestId: exchange.requestId,
    })
    if (decision instanceof Promise) return decision.then(enforceLaw)
    enforceLaw(decision)
  }
}

export function run(service: ObjectService) {
  return async (exchange: ObjectExchange): Promise<void> => {
    const { operation, request, principal } = exchange
    if (!operation || !request || !principal) throw new Error('run comes after authorize')
    exchange.answer = await service.run(operation, request, principal)
  }
}
