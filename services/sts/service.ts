import type { ImsPort } from '@pileus/ims/port'
import type { Clock } from '@pileus/kernel/clock'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { OutboundHttp } from '@pileus/kernel/outbound-http'
import type { RamPort } from '@pileus/ram/port'
import { createOidcVerifier } from './oidc-token.ts'
import { operations } from './operations.ts'

interface StsParts {
  ram: RamPort
  ims: ImsPort
  outbound: OutboundHttp
  clock: Clock
}

export function createStsService({ ram, ims, outbound, clock }: StsParts): Service {
  const oidc = createOidcVerifier(outbound, clock)
  return { product: 'Sts', operations: bindOperations(operations, { ram, ims, oidc }), migrations: [], reconcilers: [] }
}
