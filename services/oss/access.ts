/**
 * Who may do what. In this order: a denial by the bucket's policy or by the caller's own policies; what the owner's
 * account may do, or its users' policies allow; what the bucket's policy allows; what the ACL of the object, or else
 * of the bucket, gives to everybody. Blocking public access takes the last two from strangers.
 *
 * Naming a version, and tagging what is written, takes a right besides: whoever may read or delete an object need not
 * reach what versioning keeps.
 */
import { isoSeconds } from '@pileus/kernel/clock'
import type { ObjectOperation, ObjectQuestion, ObjectRequest } from '@pileus/kernel/object-protocol'
import type { AuthorizationDecision, Authorizer, Principal } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { Acl, Bucket } from './domain/bucket.ts'
import { judgeBucketPolicy, type PolicyJudge } from './domain/bucket-policy.ts'
import { versionOf } from './find-target.ts'
import { findObject, findVersion } from './tables/objects.ts'

interface Parts {
  store: Store
  authorizer: Authorizer
  judge: PolicyJudge
}

/** An operation's question, or one about a part of it. */
export type AccessQuestion = Omit<ObjectQuestion, 'operation' | 'request'> & {
  readonly operation: Pick<ObjectOperation, 'permission' | 'acl'>
  readonly request: Pick<ObjectRequest, 'key' | 'query' | 'headers'>
}

export type AskAccess = (
  question: AccessQuestion,
  bucket: Bucket | undefined,
) => AuthorizationDecision | Promise<AuthorizationDecision>

/** Values of condition keys that every question of a request has. */
export function conditionsOf({ sourceIp, secureTransport, startedAt, headers }: ObjectRequest): Record<string, string> {
  return {
    'acs:SourceIp': sourceIp,
    'acs:SecureTransport': String(secureTransport),
    'acs:CurrentTime': isoSeconds(startedAt),
    'acs:UserAgent': headers['user-agent'] ?? '',
  }
}

export function createAccess(parts: Parts): AskAccess {
  const ask = createAsk(parts)
  return (question, bucket) => {
    const more = findFurtherPermission(question)
    if (more === undefined) return ask(question, bucket)
    const operation = { ...question.operation, permission: more }
    return askBoth(
      () => ask(question, bucket),
      () => ask({ ...question, operation }, bucket),
    )
  }
}

async function askBoth(...questions: (() => ReturnType<AskAccess>)[]): Promise<AuthorizationDecision> {
  let decision: AuthorizationDecision = allowed
  for (const question of questions) {
    decision = await question()
    if (decision.kind !== 'allowed') break
  }
  return decision
}

/** Of what a version is asked for, by that of the same on the current one. @see docs/sources.md#oss */
const versionPermissions: Readonly<Record<string, string>> = {
  'oss:GetObject': 'oss:GetObjectVersion',
  'oss:DeleteObject': 'oss:DeleteObjectVersion',
  'oss:GetObjectAcl': 'oss:GetObjectVersionAcl',
  'oss:PutObjectAcl': 'oss:PutObjectVersionAcl',
  'oss:GetObjectTagging': 'oss:GetObjectVersionTagging',
  'oss:PutObjectTagging': 'oss:PutObjectVersionTagging',
  'oss:DeleteObjectTagging': 'oss:DeleteObjectVersionTagging',
  'oss:RestoreObject': 'oss:RestoreObjectVersion',
}

function findFurtherPermission({ operation: { permission }, request }: AccessQuestion): string | undefined {
  if (request.key === undefined) return undefined
  if (permission === 'oss:PutObject') return request.headers['x-oss-tagging'] ? 'oss:PutObjectTagging' : undefined
  return request.query.size > 0 && versionOf(request) ? versionPermissions[permission] : undefined
}

function createAsk({ store, authorizer, judge }: Parts): AskAccess {
  return (question, bucket) => {
    const { principal, operation } = question
    const own = authorizer.authorize({
      principal,
      action: operation.permission,
      resources: [question.resource],
      conditions: question.conditions,
    })
    const isOwner = !bucket || bucket.accountId === principal.accountId
    if (isOwner && principal.kind === 'root') return own
    const rest = (decision: AuthorizationDecision) => weigh({ store, judge }, question, bucket, isOwner, decision)
    return own instanceof Promise ? own.then(rest) : rest(own)
  }
}

function weigh(
  { store, judge }: Pick<Parts, 'store' | 'judge'>,
  question: AccessQuestion,
  bucket: Bucket | undefined,
  isOwner: boolean,
  own: AuthorizationDecision,
): AuthorizationDecision | Promise<AuthorizationDecision> {
  const { principal, operation, resource, conditions } = question
  if (own.kind === 'denied' && own.detail.NoPermissionType === 'ExplicitDeny') return own
  const verdict =
    bucket?.settings.policy === undefined
      ? 'none'
      : judgeBucketPolicy(judge, bucket.settings.policy, {
          principal,
          action: operation.permission,
          resource,
          conditions,
        })
  const refused = refusal(question, own)
  if (verdict === 'deny') return { kind: 'denied', detail: { ...refused.detail, NoPermissionType: 'ExplicitDeny' } }
  if (!bucket || (isOwner && own.kind === 'allowed')) return own
  // A stranger's own account must let it act at all, unless it is nobody.
  if (principal.kind === 'role' && own.kind === 'denied' && principal.sessionPolicy !== undefined) return refused
  const isBlocked = (bucket.settings.blockPublicAccess === true || bucket.isAccountClosed) && !isOwner
  if (isBlocked) return refused
  if (verdict === 'allow') return allowed
  if (operation.acl === undefined) return refused
  if (question.request.key === undefined) return grants(bucket.acl, operation.acl) ? allowed : refused
  return objectAcl(store, question, bucket).then((acl) =>
    grants(acl ?? bucket.acl, operation.acl!) ? allowed : refused,
  )
}

const allowed: AuthorizationDecision = { kind: 'allowed' }

function grants(acl: Acl, wanted: 'read' | 'write'): boolean {
  return acl === 'public-read-write' || (acl === 'public-read' && wanted === 'read')
}

async function objectAcl(store: Store, { request }: AccessQuestion, bucket: Bucket): Promise<Acl | undefined> {
  const version = versionOf(request)
  const object = version
    ? await findVersion(store.pool, bucket.bucketId, request.key!, version.id)
    : await findObject(store.pool, bucket.bucketId, request.key!)
  return object?.acl
}

function refusal(
  { principal, operation }: AccessQuestion,
  own: AuthorizationDecision,
): Extract<AuthorizationDecision, { kind: 'denied' }> {
  if (own.kind === 'denied') return own
  return {
    kind: 'denied',
    detail: {
      AuthAction: operation.permission,
      AuthPrincipalType: principalTypes[principal.kind],
      AuthPrincipalOwnerId: principal.accountId,
      AuthPrincipalDisplayName: principal.accountId,
      NoPermissionType: 'ImplicitDeny',
      PolicyType: 'ResourceBasedPolicy',
    },
  }
}

const principalTypes: Readonly<Record<Principal['kind'], string>> = {
  root: 'RootUser',
  user: 'SubUser',
  role: 'AssumedRoleUser',
  anonymous: 'Anonymous',
}
