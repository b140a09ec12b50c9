import { Readable } from 'node:stream'
import type { Clock } from '@pileus/kernel/clock'
import { newRequestId } from '@pileus/kernel/ids'
import { type ObjectRequest, type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import { errors } from './errors.ts'
import { PutObject } from './operations/PutObject.ts'
import type { OssPort } from './port.ts'

/** What other products may do: it passes through the same operations as a customer's call. */
export function createOssPort(objects: ObjectService, clock: Clock): OssPort {
  return {
    findBucket: async (name) => await objects.findBucket(name),
    async putObject({ accountId, bucket, key, bytes, contentType, headers = {} }) {
      const place = await objects.findBucket(bucket)
      if (place?.accountId !== accountId) throw objectError(errors.NoSuchBucket, { details: { BucketName: bucket } })
      const request: ObjectRequest = {
        requestId: newRequestId(),
        startedAt: clock.now(),
        method: 'PUT',
        dialect: 'oss',
        bucket,
        key,
        query: new Map(),
        headers: { ...headers, 'content-type': contentType, 'content-length': String(bytes.length) },
        regionId: place.regionId,
        endpoint: '',
        sourceIp: 'Internal',
        secureTransport: true,
        tlsVersion: 'TLSv1.3',
        contentBytes: bytes.length,
        body: Readable.from([bytes]),
        signal: new AbortController().signal,
        readBody: async () => bytes,
        readXml: () => Promise.reject(new Error('a write of bytes has no XML')),
        findXml: async () => undefined,
      }
      await objects.run(PutObject, request, { kind: 'root', accountId, accessKeyId: '' })
    },
  }
}
