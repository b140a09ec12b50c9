/**
 * What a region needs to authenticate and authorise while the home of accounts is away: access keys, with their
 * secrets sealed as they are at home, and the policies of each user and role.
 *
 * A snapshot is a signed text. A region takes one only if home signed it, if it is newer than the one it has, and if
 * it has not lost most of its principals: what a broken home would send must not lock everybody out.
 */
import { type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson } from '@pileus/kernel/audit/canonical-json'
import type { AccountId } from '@pileus/kernel/ids'
import type { StoredCredential } from '../tables/access-keys.ts'
import type { EffectivePolicy } from '../tables/effective-policies.ts'

export interface Snapshot {
  /** Grows with every snapshot that home makes. */
  version: number
  madeAt: Date
  /** By access key id. */
  credentials: ReadonlyMap<string, StoredCredential>
  /** By `<account>/<user or role id>`; those without policies are absent. */
  policies: ReadonlyMap<string, readonly EffectivePolicy[]>
}

/** A snapshot as it travels and is kept. */
export interface SignedSnapshot {
  /** Canonical JSON. */
  payload: string
  /** Ed25519, base64. */
  signature: string
}

export type Judgement = { kind: 'taken'; snapshot: Snapshot } | Refusal

/** `fewer` is one that an operator may accept. */
export interface Refusal {
  kind: 'refused'
  why: 'signature' | 'version' | 'fewer'
  reason: string
}

/** Below so many principals, losing half of them is nothing unusual. */
const fewPrincipals = 10
const smallestShare = 0.5

type Payload = { format: 1; version: number; madeAtMs: number; content: Content }

/** As JSON has it; each document is there once. */
export type Content = {
  documents: string[]
  credentials: [accessKeyId: string, accountId: string, sealedSecret: string, isActive: boolean, user: string[]][]
  policies: [entity: string, attached: AttachedEntry[]][]
}

type AttachedEntry = [
  type: EffectivePolicy['policyType'],
  name: string,
  document: number | null,
  version: number | null,
  attachedTo: EffectivePolicy['attachedTo'],
]

/** Equal for equal rows: two snapshots of an unchanged home differ in version and time alone. */
export function contentOf(source: Pick<Snapshot, 'credentials' | 'policies'>): Content {
  const indexes = new Map<string, number>()
  const indexOf = (document: string): number => {
    const known = indexes.get(document)
    if (known !== undefined) return known
    indexes.set(document, indexes.size)
    return indexes.size - 1
  }
  const credentials = sorted(source.credentials).map(([id, one]): Content['credentials'][number] => {
    const user = one.user ? [one.user.userId, one.user.userName] : []
    return [id, one.accountId, one.sealedSecret.toString('base64'), one.status === 'Active', user]
  })
  const policies = sorted(source.policies).map(([entity, attached]): Content['policies'][number] => [
    entity,
    attached.map(({ policyType, policyName, document, version, attachedTo }) => [
      policyType,
      policyName,
      document === undefined ? null : indexOf(document),
      version ?? null,
      attachedTo,
    ]),
  ])
  return { documents: [...indexes.keys()], credentials, policies }
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

export function signSnapshot(
  privateKey: KeyObject,
  { version, madeAt, content }: { version: number; madeAt: Date; content: Content },
): SignedSnapshot {
  const payload = canonicalJson({ format: 1, version, madeAtMs: madeAt.getTime(), content } satisfies Payload)
  return { payload, signature: sign(null, Buffer.from(payload), privateKey).toString('base64') }
}

/** Whether a region that has `before` may use the snapshot; one with far fewer principals only if an operator said so. */
export function judgeSnapshot(
  publicKey: KeyObject,
  signed: SignedSnapshot,
  before: Snapshot | undefined,
  acceptsFewer = false,
): Judgement {
  const snapshot = openSnapshot(publicKey, signed)
  if (!snapshot) return refuse('signature', 'its signature is not that of home')
  if (before && snapshot.version <= before.version) {
    return refuse('version', `it is version ${snapshot.version}, and ${before.version} is here`)
  }
  const [had, has] = [before ? countPrincipals(before) : 0, countPrincipals(snapshot)]
  if (!acceptsFewer && isSuspiciouslyFew(had, has)) {
    return refuse('fewer', `it has ${has} principals where ${had} were, which is suspiciously few`)
  }
  return { kind: 'taken', snapshot }
}

function refuse(why: Refusal['why'], reason: string): Judgement {
  return { kind: 'refused', why, reason }
}

export function isSuspiciouslyFew(had: number, has: number): boolean {
  return had >= fewPrincipals && has < had * smallestShare
}

/** Keys and identities that have policies. */
export function countPrincipals({ credentials, policies }: Pick<Snapshot, 'credentials' | 'policies'>): number {
  return credentials.size + policies.size
}

/** Undefined when the signature is not home's, or the text is not one that this program can read. */
export function openSnapshot(publicKey: KeyObject, { payload, signature }: SignedSnapshot): Snapshot | undefined {
  if (!verify(null, Buffer.from(payload), publicKey, Buffer.from(signature, 'base64'))) return undefined
  const { format, version, madeAtMs, content } = JSON.parse(payload) as Payload
  if (format !== 1) return undefined
  return {
    version,
    madeAt: new Date(madeAtMs),
    credentials: new Map(
      content.credentials.map(([id, accountId, sealedSecret, isActive, [userId, userName]]) => [
        id,
        {
          accountId: accountId as AccountId,
          sealedSecret: Buffer.from(sealedSecret, 'base64'),
          status: isActive ? 'Active' : 'Inactive',
          user: userId === undefined ? undefined : { userId, userName: userName ?? '' },
        },
      ]),
    ),
    policies: new Map(
      content.policies.map(([entity, attached]) => [
        entity,
        attached.map(([policyType, policyName, document, policyVersion, attachedTo]) => ({
          policyType,
          policyName,
          document: document === null ? undefined : content.documents[document],
          version: policyVersion ?? undefined,
          attachedTo,
        })),
      ]),
    ),
  }
}
