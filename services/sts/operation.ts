import type { ImsPort } from '@pileus/ims/port'
import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { RamPort } from '@pileus/ram/port'
import type { OidcVerifier } from './oidc-token.ts'

export interface StsExtras {
  readonly ram: RamPort
  readonly ims: ImsPort
  readonly oidc: OidcVerifier
}

export type StsContext = OperationContext & StsExtras

export const { read, write } = operationsFor<StsContext>()
