/**
 * Fetches what customers have this cloud fetch: for tasks (asyncFetch) and for rules of web sites (Mirror). It reaches
 * the public network only. The vendor's names of buckets mean this installation, as they do for its clients, and bytes
 * of another region's bucket come over only where the residency gate lets them.
 */

import type { AccountId } from '@pileus/kernel/ids'
import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import { OutboundError, type OutboundHttp, type OutboundStream } from '@pileus/kernel/outbound-http'
import type { ResidencyGate } from '@pileus/kernel/ports'
import type { Buckets } from './buckets.ts'
import type { Bucket } from './domain/bucket.ts'
import { header } from './domain/headers.ts'

/** Says that a fetch asks, so that buckets which mirror each other do not ask for ever. @see RFC 8586 */
const loopHeader = 'cdn-loop'
const loopMark = 'pileus'

/** Whether a request comes from a fetch, of this installation or another one. */
export function isOfFetch({ headers }: Pick<ObjectRequest, 'headers'>): boolean {
  return (
    header(headers, loopHeader)
      ?.split(',')
      .some((one) => one.trim() === loopMark) ?? false
  )
}

export interface SourceFetcher {
  /** Asks first whether data may be placed there. @throws OutboundError */
  open(call: SourceCall): Promise<OutboundStream>
}

export interface SourceCall {
  url: string
  /** Where the bytes are to be put. */
  target: Bucket
  headers?: Readonly<Record<string, string>>
  hostHeader?: string | undefined
  timeoutMs: number
  maxBytes: number
  signal?: AbortSignal
}

/** A host of this installation's object storage, and the bucket that it names; undefined for any other host. */
export type ReadOwnHost = (host: string) => { bucket: string | undefined } | undefined

interface Parts {
  outbound: OutboundHttp
  findBucket: Buckets['find']
  residency: ResidencyGate
  readOwnHost: ReadOwnHost
  publicEndpoint(): string
}

export function createSourceFetcher(parts: Parts): SourceFetcher {
  const { outbound, readOwnHost, publicEndpoint } = parts
  return {
    async open({ url, target, headers, hostHeader, timeoutMs, maxBytes, signal }) {
      const parsed = URL.canParse(url) ? new URL(url) : undefined
      const own = parsed && readOwnHost(parsed.host)
      const name = own && (own.bucket ?? parsed.pathname.split('/')[1] ?? '')
      const refusal = await findRefusal(parts, name, target)
      if (refusal !== undefined) throw new OutboundError('forbidden', refusal)
      return await outbound.open({
        url,
        method: 'GET',
        timeoutMs,
        maxAnswerBytes: maxBytes,
        ...(signal ? { signal } : {}),
        headers: { 'user-agent': 'aliyun-oss-fetch', ...headers, [loopHeader]: loopMark },
        ...(hostHeader === undefined ? {} : { hostHeader }),
        ...(own ? { via: publicEndpoint(), hostHeader: parsed.host } : {}),
      })
    },
  }
}

/** `name` is the bucket of this installation that it comes from, if it does. */
async function findRefusal(
  { findBucket, residency }: Parts,
  name: string | undefined,
  target: Bucket,
): Promise<string | undefined> {
  const source = name === undefined ? undefined : await findBucket(name)
  const question = {
    accountId: target.accountId as AccountId,
    principal: { kind: 'platform', name: 'oss.fetch' },
    action: 'oss:PutObject',
    regionId: target.regionId,
    resource: arnOf(target),
  } as const
  const decision =
    source && source.regionId !== target.regionId
      ? await residency.mayMove({ ...question, fromRegionId: source.regionId, resources: [arnOf(source)] })
      : await residency.mayPlace(question)
  if (decision.kind === 'allowed') return undefined
  return `Data may not be placed in ${target.regionId}: ${decision.reason}`
}

function arnOf({ regionId, accountId, name }: Bucket): string {
  return `acs:oss:${regionId}:${accountId}:${name}`
}
