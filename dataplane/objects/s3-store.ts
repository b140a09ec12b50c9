/**
 * A byte store in a bucket of any S3-compatible store, for fleets whose processes share no disk. It is the store of a
 * directory on another disk: each record is an object of its own, laid out with the same checksums, named by chance.
 */
import type { LocalStoreOptions } from './local-store.ts'
import { S3Disk } from './s3-disk.ts'

export interface S3StoreAddress {
  /** `s3://<bucket>[/<prefix>]?endpoint=<url>[&region=<name>]` */
  url: string
  accessKeyId: string
  accessKeySecret: string
}

/** Processes tell of their readers less often than on a disk of their own. */
const renewEveryMs = 20_000

/** Options for `openLocalStore` or `openRegionStores`. @throws Error that says what is wrong with the address */
export function s3StoreOptions(address: S3StoreAddress): LocalStoreOptions {
  const url = URL.canParse(address.url) ? new URL(address.url) : undefined
  const endpoint = url?.searchParams.get('endpoint') ?? ''
  if (url?.protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname) || !URL.canParse(endpoint)) {
    throw new Error(`"${address.url}" is not of the form s3://<bucket>[/<prefix>]?endpoint=<url>[&region=<name>]`)
  }
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  if (!/^[\w./-]*$/.test(prefix)) throw new Error(`the prefix "${prefix}" may hold letters, digits and ._-/ only`)
  const { accessKeyId, accessKeySecret } = address
  const place = {
    endpoint,
    bucket: url.hostname,
    region: url.searchParams.get('region') ?? 'us-east-1',
    accessKeyId,
    accessKeySecret,
  }
  return {
    directory: '/',
    disk: new S3Disk(place, prefix === '' ? '' : `${prefix}/`),
    // Objects cannot be appended to, so nothing is packed.
    packedBytes: 0,
    renewEveryMs,
  }
}
