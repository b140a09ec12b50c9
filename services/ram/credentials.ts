import type { Clock } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import type { CredentialLookup, CredentialSource, Principal } from '@pileus/kernel/ports'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Freshness } from './freshness.ts'
import { openSession } from './session-token.ts'
import type { StoredCredential } from './tables/access-keys.ts'

interface Parts {
  findStored(accessKeyId: string): Promise<StoredCredential | undefined>
  /** Whether the account has the role still; true where nobody can say. */
  hasRole(accountId: AccountId, roleId: string): Promise<boolean>
  secretBox: SecretBox
  clock: Clock
  freshness: Freshness
}

interface Known {
  accountId: string
  lookup: CredentialLookup
}

/**
 * Secrets of access keys from the database, remembered; those of sessions from the token they come with. Sessions end
 * with their role: policies of buckets and keys may name it, also by a name that another role has by now.
 */
export function createCredentialSource({ findStored, hasRole, secretBox, clock, freshness }: Parts): CredentialSource {
  const keys = freshness.remember<Known>(async (accessKeyId) => {
    const row = await findStored(accessKeyId)
    if (!row) return undefined
    if (row.status !== 'Active') return { accountId: row.accountId, lookup: { kind: 'inactive' } }
    const principal: Principal = row.user
      ? { kind: 'user', accountId: row.accountId, accessKeyId, ...row.user }
      : { kind: 'root', accountId: row.accountId, accessKeyId }
    const secret = secretBox.open(row.sealedSecret, accessKeyId)
    return { accountId: row.accountId, lookup: { kind: 'found', secret, principal } }
  })

  // The key is `<account>/<role id>`.
  const roles = freshness.remember<{ accountId: string; isThere: boolean }>(async (key) => {
    const [accountId = '', roleId = ''] = key.split('/')
    return { accountId, isThere: await hasRole(accountId as AccountId, roleId) }
  })

  const load = async (accessKeyId: string, hasToken: boolean): Promise<CredentialLookup> => {
    const known = await keys.load(accessKeyId)
    return known === undefined ? { kind: 'unknown' } : withoutToken(known.lookup, hasToken)
  }

  return {
    findCredential(accessKeyId, securityToken) {
      if (accessKeyId.startsWith('STS.')) return findSession(accessKeyId, securityToken)
      const hasToken = securityToken !== undefined && securityToken !== ''
      const known = keys.recall(accessKeyId)
      if (known) return withoutToken(known.lookup, hasToken)
      // Texts that no key can have need no look at the database, which would not take a NUL either.
      if (!/^[\w.-]{1,128}$/.test(accessKeyId)) return { kind: 'unknown' }
      return load(accessKeyId, hasToken)
    },
  }

  function findSession(accessKeyId: string, token: string | undefined): CredentialLookup | Promise<CredentialLookup> {
    if (token === undefined || token === '') return { kind: 'token', problem: 'missing' }
    const session = openSession(secretBox, token)
    if (!session) return { kind: 'token', problem: 'malformed' }
    if (session.accessKeyId !== accessKeyId) return { kind: 'token', problem: 'mismatch' }
    if (session.expiresAt <= clock.now()) return { kind: 'token', problem: 'expired' }
    const principal: Principal = {
      kind: 'role',
      accountId: session.accountId,
      accessKeyId,
      roleId: session.roleId,
      roleName: session.roleName,
      sessionName: session.sessionName,
      ...(session.sessionPolicy === undefined ? {} : { sessionPolicy: session.sessionPolicy }),
    }
    const lookup = { kind: 'found', secret: session.accessKeySecret, principal } as const
    if (session.isWithoutRole) return lookup
    const key = `${session.accountId}/${session.roleId}`
    const known = roles.recall(key)
    if (known) return known.isThere ? lookup : ended
    return roles.load(key).then((loaded) => (loaded?.isThere ? lookup : ended))
  }
}

const ended = { kind: 'token', problem: 'expired' } as const

/** Keys that are not a session's come without a token. */
function withoutToken(lookup: CredentialLookup, hasToken: boolean): CredentialLookup {
  return hasToken && lookup.kind === 'found' ? { kind: 'token', problem: 'mismatch' } : lookup
}
