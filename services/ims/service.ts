import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { RamPort } from '@pileus/ram/port'
import { readSamlMetadata } from './domain/saml-metadata.ts'
import { imsMigrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { ImsPort } from './port.ts'
import { findOidcProvider, findSamlProvider } from './tables/providers.ts'

export interface ImsService extends Service {
  readonly port: ImsPort
}

/** Identities by their newer API: users and groups are RAM's own, providers of identities are kept here. */
export function createImsService({ ram }: { ram: RamPort }): ImsService {
  return {
    product: 'Ims',
    operations: bindOperations(operations, { ram }),
    migrations: imsMigrations,
    reconcilers: [],
    port: {
      async findOidcProvider(db, accountId, name) {
        const row = await findOidcProvider(db, accountId, name)
        if (!row) return undefined
        return {
          issuerUrl: row.issuer_url,
          clientIds: row.client_ids,
          fingerprints: row.fingerprints,
          issuanceLimitHours: row.issuance_limit_hours,
        }
      },
      async findSamlProvider(db, accountId, name) {
        const row = await findSamlProvider(db, accountId, name)
        return row && readSamlMetadata(row.metadata, 'metadata')
      },
    },
  }
}
