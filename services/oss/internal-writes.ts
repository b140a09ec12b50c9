import { Readable } from 'node:stream'
import type { Clock } from '@pileus/kernel/clock'
import { newRequestId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import type { ResidencyGate } from '@pileus/kernel/ports'
import type { Buckets } from './buckets.ts'
import { errors } from './errors.ts'
import { PutObject } from './operations/PutObject.ts'
import type { OssPort } from './port.ts'
import type { ServiceRoles } from './service-roles.ts'

interface Parts {
  objects: ObjectService
  findBucket: Buckets['find']
  roles: ServiceRoles
  residency: ResidencyGate
  clock: Clock
}

/** What other products and our own workers may do: it passes through the same operations as a customer's call. */
export function createOssPort({ objects, findBucket, roles, residency, clock }: Parts): OssPort {
  return {
    findBucket: async (name) => await findBucket(name),
    async putObject({ accountId, bucket: name, key, bytes, contentType, writer, headers = {} }) {
      const bucket = await findBucket(name)
      if (bucket?.accountId !== accountId) throw objectError(errors.NoSuchBucket, { details: { BucketName: name } })
      const act = { permission: 'oss:PutObject', bucket, key } as const
      const refusal = writer && (await roles.findRefusal(writer, act))
      if (refusal !== undefined) throw objectError(errors.AccessDenied, { facts: { reason: refusal } })
      const { regionId } = bucket
      const decision = await residency.mayPlace({
        accountId,
        principal: writer ?? { kind: 'platform', name: 'oss.delivery' },
        action: act.permission,
        regionId,
        resource: `acs:oss:${regionId}:${accountId}:${name}/${key}`,
      })
      if (decision.kind === 'denied') {
        const reason = say`Data may not be placed in ${regionId}: ${decision.reason}`
        throw objectError(errors.AccessDenied, { facts: { reason } })
      }
      const request: ObjectRequest = {
        requestId: newRequestId(),
        startedAt: clock.now(),
        method: 'PUT',
        dialect: 'oss',
        bucket: name,
        key,
        query: new Map(),
        headers: { ...headers, 'content-type': contentType, 'content-length': String(bytes.length) },
        regionId,
        endpoint: '',
        sourceIp: 'Internal',
        secureTransport: true,
        tlsVersion: 'TLSv1.3',
        contentBytes: bytes.length,
        body: Readable.from([bytes]),
        abortSignal: () => new AbortController().signal,
        readBody: async () => bytes,
        readXml: () => Promise.reject(new Error('a write of bytes has no XML')),
        findXml: async () => undefined,
      }
      await objects.run(PutObject, request, writer ?? { kind: 'root', accountId, accessKeyId: '' })
    },
  }
}
