/** The official object storage SDK for Node, configured as its users configure it, and S3's. */
import { Agent } from 'node:http'
import { createRequire } from 'node:module'
import type OSS from 'ali-oss'

const require = createRequire(import.meta.url)

export interface OssSettings {
  /** `127.0.0.1:<port>`. */
  endpoint: string
  regionId: string
  accessKeyId: string
  accessKeySecret: string
  securityToken?: string
  bucket?: string
  /** Version 4 signatures instead of version 1. */
  authorizationV4?: boolean
  /** `latin1` sends metadata as the bytes of its UTF-8. */
  headerEncoding?: 'utf-8' | 'latin1'
  /** Names the bucket in the host, below `localhost`, instead of forging the vendor's host name. */
  virtualHosted?: boolean
}

export function createOssClient(settings: OssSettings): OSS {
  const Client = require('ali-oss') as typeof OSS
  const { endpoint, regionId, securityToken, virtualHosted, ...rest } = settings
  const port = endpoint.slice(endpoint.lastIndexOf(':') + 1)
  return new Client({
    ...rest,
    region: `oss-${regionId}`,
    endpoint: virtualHosted ? `http://localhost:${port}` : `http://${endpoint}`,
    secure: false,
    retryMax: 0,
    ...(securityToken === undefined ? {} : { stsToken: securityToken }),
    ...(virtualHosted ? { agent: loopbackAgent() } : {}),
  } as OSS.Options)
}

/** Resolves every name to this machine, as a wildcard name would. */
function loopbackAgent(): Agent {
  return new Agent({
    keepAlive: true,
    lookup: (_name, options, done) => {
      if (options.all) (done as (error: null, found: object[]) => void)(null, [{ address: '127.0.0.1', family: 4 }])
      else done(null, '127.0.0.1', 4)
    },
  })
}
