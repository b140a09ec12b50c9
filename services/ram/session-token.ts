/**
 * Tokens of role sessions. A token carries the whole session, encrypted and authenticated under the installation's
 * root key: verifying one reads no row, and a region that is cut off from the home of accounts can still do it.
 */
import type { AccountId } from '@pileus/kernel/ids'
import type { SecretBox } from '@pileus/kernel/secret-box'

const context = 'sts.session'

export interface RoleSession {
  accessKeyId: string
  accessKeySecret: string
  accountId: AccountId
  roleId: string
  roleName: string
  sessionName: string
  expiresAt: Date
  /** A policy document that limits the role's own permissions. */
  sessionPolicy: string | undefined
  /** There is no such role: whoever opened the session says at each call whether it is open still. */
  isWithoutRole?: true
}

export function sealSession(secretBox: SecretBox, session: RoleSession): string {
  const { expiresAt, sessionPolicy, ...rest } = session
  const text = JSON.stringify({ v: 1, ...rest, expiresAtMs: expiresAt.getTime(), sessionPolicy })
  return secretBox.seal(text, context).toString('base64')
}

/** Undefined when the token is altered, or was not made by this installation. */
export function openSession(secretBox: SecretBox, token: string): RoleSession | undefined {
  let text: string
  try {
    text = secretBox.open(Buffer.from(token, 'base64'), context)
  } catch {
    return undefined
  }
  // Authenticated: whatever opens was written by sealSession.
  const { expiresAtMs, v: _version, ...session } = JSON.parse(text)
  return { sessionPolicy: undefined, ...session, expiresAt: new Date(expiresAtMs) } as RoleSession
}
