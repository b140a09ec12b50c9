/** What other products may ask of identities. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import type { RoleSession } from './session-token.ts'

export interface RoleFacts {
  accountId: AccountId
  roleId: string
  roleName: string
  /** A policy document: who may assume the role. */
  trustPolicy: string
  maxSessionSeconds: number
}

export interface RamPort {
  findRole(db: Db, accountId: AccountId, roleName: string): Promise<RoleFacts | undefined>
  /** Makes a session's token: it carries the session, encrypted, and is all that authentication needs. */
  sealSession(session: RoleSession): string
}

export type { RoleSession } from './session-token.ts'
