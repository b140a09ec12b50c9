import type { Clock } from '@pileus/kernel/clock'
import type { Log } from '@pileus/kernel/log'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { CredentialSource } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { SecretBox } from '@pileus/kernel/secret-box'
import { answers } from '@pileus/kernel/store/answers'
import type { Migration } from '@pileus/kernel/store/migrations'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import { createAccountIn } from './accounts.ts'
import { createAuthorizer, type ExplainingAuthorizer } from './authorizer.ts'
import { createCredentialSource } from './credentials.ts'
import { newSessionKeyId, newSessionKeySecret } from './domain/keys.ts'
import { parsePolicy } from './domain/policy/document.ts'
import { compileResourcePolicy } from './domain/policy/resource-policy.ts'
import { isTrusted } from './domain/policy/trust.ts'
import { watchFreshness } from './freshness.ts'
import { createAccessKeyUses } from './key-uses.ts'
import { migrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { RamPort } from './port.ts'
import { createTagFinder } from './resource-tags.ts'
import { findServicePrincipal } from './service-principal.ts'
import { sealSession } from './session-token.ts'
import { createFallback } from './snapshots/fallback.ts'
import { createSnapshots, type Snapshots } from './snapshots/service.ts'
import { summarize } from './summary.ts'
import { findCredentialRow } from './tables/access-keys.ts'
import { findAccountAlias, hasAccount } from './tables/accounts.ts'
import { listEffectivePolicies } from './tables/effective-policies.ts'
import { listInventory } from './tables/inventory.ts'
import { findRole, hasRole } from './tables/roles.ts'
import { findUserName } from './tables/users.ts'

export interface RamParts {
  store: Store
  secretBox: SecretBox
  clock: Clock
  wakes: Pick<WakeListener, 'on'>
  log: Log
  /** Where copies of identities are kept for the regions of `regionIds`, for when the database is away. */
  snapshots: { directory: string; regionIds: readonly string[] }
}

export interface RamService extends Service {
  readonly port: RamPort
  readonly credentials: CredentialSource
  readonly authorizer: ExplainingAuthorizer
  readonly migrations: readonly Migration[]
  readonly reconcilers: readonly Reconciler[]
  /** What the operator is asked about copies of identities. */
  readonly snapshots: Pick<Snapshots, 'findHeldBack' | 'accept'>
  /** Stops listening for changes. */
  close(): void
}

/** How long a database may take to say that it is there. */
const probeMs = 2_000

export function createRamService({ store, secretBox, clock, wakes, log, ...parts }: RamParts): RamService {
  const freshness = watchFreshness(wakes)
  const keyUses = createAccessKeyUses(store.db)
  const snapshots = createSnapshots({ store, secretBox, clock, log, ...parts.snapshots })
  const askHome = createFallback({
    find: () => snapshots.find(),
    answers: () => answers(store.pool.options, probeMs),
    log,
  })
  const authorizer = createAuthorizer({
    listPolicies: (accountId, entityId) =>
      askHome(
        () => listEffectivePolicies(store.db, accountId, entityId),
        ({ policies }) => [...(policies.get(`${accountId}/${entityId}`) ?? [])],
      ),
    findTags: createTagFinder(store.db),
    secretBox,
    clock,
    freshness,
    keyUses,
  })
  const bound = bindOperations(operations, { secretBox, freshness, keyUses, authorizer })
  return {
    product: 'Ram',
    operations: bound,
    port: {
      async run(action, ctx, request) {
        const operation = bound.find(({ ref }) => ref.name === action.name)
        if (!operation) throw new Error(`RAM has no operation ${action.name}`)
        return await operation.run(ctx, request)
      },
      createAccount: (tx) => createAccountIn(tx, secretBox, { clock }),
      hasAccount: (db, accountId) => hasAccount(db, accountId),
      findAccountAlias,
      findUserName,
      summarize,
      async findRole(db, accountId, roleName) {
        const row = await findRole(db, accountId, roleName)
        if (!row) return undefined
        return {
          accountId,
          roleId: row.role_id,
          roleName: row.role_name,
          trustPolicy: row.trust_policy,
          maxSessionSeconds: row.max_session_seconds,
        }
      },
      findServicePrincipal,
      isTrusted,
      checkPolicy(text) {
        parsePolicy(text, 'identity')
      },
      checkResourcePolicy(text, parameter) {
        parsePolicy(text, 'resource', parameter)
      },
      compileResourcePolicy,
      openRoleSession({ role, ...session }) {
        const key = { accessKeyId: newSessionKeyId(), accessKeySecret: newSessionKeySecret() }
        const { accountId, roleId, roleName } = role
        return { ...key, securityToken: sealSession(secretBox, { ...key, accountId, roleId, roleName, ...session }) }
      },
    },
    credentials: createCredentialSource({
      findStored: (accessKeyId) =>
        askHome(
          () => findCredentialRow(store.db, accessKeyId),
          ({ credentials }) => credentials.get(accessKeyId),
        ),
      hasRole: (accountId, roleId) =>
        askHome(
          () => hasRole(store.db, accountId, roleId),
          () => true,
        ),
      secretBox,
      clock,
      freshness,
    }),
    authorizer,
    snapshots,
    migrations,
    inventory: (accountId) => listInventory(store.db, accountId),
    reconcilers: [keyUses.reconciler, snapshots.reconciler],
    close: () => freshness.close(),
  }
}
