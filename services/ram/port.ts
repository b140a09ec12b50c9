/** What other products may ask of identities. */
import type { AccountId } from '@pileus/kernel/ids'
import type { Text } from '@pileus/kernel/messages/text'
import type { ActionRef, OperationContext } from '@pileus/kernel/operation'
import type { Principal } from '@pileus/kernel/ports'
import type { Db } from '@pileus/kernel/store/store'
import type { ConditionValues } from './domain/policy/conditions.ts'
import type { Caller, ResourcePolicy } from './domain/policy/resource-policy.ts'

export interface NewRoleSession {
  role: Pick<RoleFacts, 'accountId' | 'roleId' | 'roleName'>
  sessionName: string
  expiresAt: Date
  /** A policy document that limits the role's own permissions. */
  sessionPolicy: string | undefined
  /** RAM has no such role: the opener decides at each call, and ends the session. Others end with their role. */
  isWithoutRole?: true
}

export interface RoleCredentials {
  accessKeyId: string
  accessKeySecret: string
  securityToken: string
}

export interface RoleFacts {
  accountId: AccountId
  roleId: string
  roleName: string
  /** A policy document: who may assume the role. */
  trustPolicy: string
  maxSessionSeconds: number
}

/** In whose name a product acts for a customer, or why it cannot. */
export type ServicePrincipal = { kind: 'open'; principal: Principal } | { kind: 'closed'; reason: Text }

export interface RamPort {
  /**
   * Runs an operation of RAM as a part of another product's: Ims has the same identities by other names. Who asks was
   * authorised for that other operation.
   */
  run<Request, Response>(
    action: ActionRef<Request, Response>,
    ctx: OperationContext,
    request: Request,
  ): Promise<Response>
  /** Another account with a root access key of its own, whose secret is told this once. */
  createAccount(tx: Db): Promise<{ accountId: AccountId; accessKeyId: string; accessKeySecret: string }>
  hasAccount(db: Db, accountId: AccountId): Promise<boolean>
  findAccountAlias(db: Db, accountId: AccountId): Promise<string | undefined>
  /** How much of what the account has and may have, by the names of Ims `GetAccountSummary`. */
  summarize(db: Db, accountId: AccountId): Promise<Record<string, number>>
  /** The name of a user of the account, by what else tells the user. */
  findUserName(
    db: Db,
    accountId: AccountId,
    by: { userId: string } | { accessKeyId: string },
  ): Promise<string | undefined>
  findRole(db: Db, accountId: AccountId, roleName: string): Promise<RoleFacts | undefined>
  /**
   * In whose name `service`, such as `oss.aliyuncs.com`, acts when a customer gave it a role. Ask at each act: the role
   * may be gone, or trust nobody any more.
   */
  findServicePrincipal(
    db: Db,
    accountId: AccountId,
    role: { roleName: string; service: string; sessionName: string },
  ): Promise<ServicePrincipal>
  /** Whether a trust policy lets the caller assume its role, given the values of condition keys. */
  isTrusted(trustPolicy: string, caller: Caller, conditions: ConditionValues): boolean
  /** @throws MalformedPolicyDocument when the text is no policy document */
  checkPolicy(text: string): void
  /**
   * A policy that belongs to a resource, such as a key: statements with principals.
   * @throws MalformedPolicyDocument, InvalidParameter.PolicyDocument.Length that name `parameter`
   */
  checkResourcePolicy(text: string, parameter: string): void
  /** Keep what it answers: compiling is the slow part. @throws MalformedPolicyDocument */
  compileResourcePolicy(text: string): ResourcePolicy
  /** A new session's key and token. The token carries the session, encrypted: authentication needs nothing else. */
  openRoleSession(session: NewRoleSession): RoleCredentials
}
