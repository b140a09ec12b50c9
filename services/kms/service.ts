import { randomBytes } from 'node:crypto'
import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { Authorizer } from '@pileus/kernel/ports'
import type { RegionKeys } from '@pileus/kernel/region-keys'
import type { Store } from '@pileus/kernel/store/store'
import { createKeyAuthorizer } from './access.ts'
import type { PolicyJudge } from './domain/key-policy.ts'
import { decryptCiphertext, encryptUnder, getKey } from './keys.ts'
import { migrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { KmsPort } from './port.ts'
import { createRewrapReconciler } from './reconcilers/rewrap.ts'
import { createTimesReconciler } from './reconcilers/times.ts'
import { ensureServiceKey } from './service-keys.ts'
import { listInventory } from './tables/inventory.ts'
import { findServiceKey } from './tables/keys.ts'

export interface KmsParts {
  store: Store
  clock: Clock
  hosted: HostedRegions
  regionKeys: RegionKeys
  authorizer: Authorizer
  /** Judges the statements of key policies. */
  judge: PolicyJudge
  log: Log
}

export interface KmsService extends Service {
  readonly port: KmsPort
  /** Asks key policies as well, for `kms:` actions; for all others as the authorizer it was given. */
  readonly authorizer: Authorizer
}

export function createKmsService(parts: KmsParts): KmsService {
  const { store, clock, hosted, regionKeys, authorizer, judge, log } = parts
  const vault = { db: store.db, regionKeys }
  const keyAuthorizer = createKeyAuthorizer({ db: store.db, authorizer, judge })
  const port: KmsPort = {
    async createDataKey(place, keyId, context, db = store.db) {
      const vault = { db, regionKeys }
      const key = await getKey({ db, ...place }, keyId)
      const plaintext = randomBytes(32)
      return { plaintext, wrapped: await encryptUnder(vault, key, plaintext, context), keyId: key.key_id }
    },
    async unwrapDataKey(place, wrapped, context) {
      return (await decryptCiphertext(vault, place, wrapped, context)).plaintext
    },
    async ensureServiceKey(place, service, db) {
      const known = await findServiceKey(db ?? store.db, place, service)
      if (known) return known.key_id
      if (db) return (await ensureServiceKey({ db, regionKeys }, place, service, clock.now())).key_id
      return await store.transaction(
        async (db) => (await ensureServiceKey({ db, regionKeys }, place, service, clock.now())).key_id,
      )
    },
  }
  return {
    product: 'Kms',
    operations: bindOperations(operations, { regionKeys, judge, authorizer: keyAuthorizer }),
    migrations,
    inventory: (accountId) => listInventory(store.db, accountId),
    reconcilers: [
      createTimesReconciler({ store, clock, hosted, regionKeys, log }),
      createRewrapReconciler({ store, hosted, regionKeys }),
    ],
    port,
    authorizer: keyAuthorizer,
  }
}
