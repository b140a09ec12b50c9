/** What other products may ask of identity providers. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'

export interface OidcProvider {
  issuerUrl: string
  clientIds: readonly string[]
  /** SHA-1 of certificates that the issuer's must chain to, in lower-case hex; none asks for no more than TLS does. */
  fingerprints: readonly string[]
  issuanceLimitHours: number
}

export interface SamlProvider {
  /** Entity id of who signs. */
  issuer: string
  /** Certificates of who signs, PEM. */
  certificates: readonly string[]
}

export interface ImsPort {
  findOidcProvider(db: Db, accountId: AccountId, name: string): Promise<OidcProvider | undefined>
  findSamlProvider(db: Db, accountId: AccountId, name: string): Promise<SamlProvider | undefined>
}
