/** What `up` was asked for. All of it is checked before anything is made. */
import type { CloudConfig, Engine } from '@pileus/cloud/config'
import { parseImageNames } from '@pileus/cloud/image-builds'
import { type S3StoreAddress, s3StoreOptions } from '@pileus/dataplane/objects/s3-store'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { createOutboundHttp } from '@pileus/kernel/outbound-http'
import { regions } from '@pileus/world/regions'
import { CliError } from './cli-error.ts'

export interface UpOptions {
  engine: 'auto' | Engine
  regions: string
  data?: string
  host: string
  port: string
  httpsPort?: string
  database?: string
  images: string
  namespace: string
  detach?: boolean
  json?: boolean
  callbackAllow?: string
  workers: string
  objects?: string
}

/** The part of a cloud's configuration that does not depend on the machine. */
export interface UpPlan
  extends Pick<
    CloudConfig,
    'hosted' | 'listenHost' | 'httpPort' | 'httpsPort' | 'databaseUrl' | 'namespace' | 'objectStore' | 'outboundAllow'
  > {
  engine: 'auto' | Engine
  workers: 'auto' | number
}

const objectStoreKey = { id: 'PILEUS_OBJECTS_ACCESS_KEY_ID', secret: 'PILEUS_OBJECTS_ACCESS_KEY_SECRET' }

/** @throws CliError that names the option and says what it takes */
export function parseUpOptions(options: UpOptions, environment: NodeJS.ProcessEnv): UpPlan {
  const httpPort = parsePort(options.port, '--port')
  const nextPort = httpPort === 0 ? 0 : httpPort + 1
  checkImages(options.images)
  return {
    engine: options.engine,
    hosted: parseRegions(options.regions),
    listenHost: options.host,
    httpPort,
    httpsPort: options.httpsPort === undefined ? nextPort : parsePort(options.httpsPort, '--https-port'),
    databaseUrl: options.database,
    namespace: parseNamespace(options.namespace),
    workers: parseWorkers(options.workers),
    ...(options.objects === undefined ? {} : { objectStore: readObjectStore(options.objects, environment) }),
    outboundAllow: parseAllowed(options.callbackAllow),
  }
}

/** Takes the key of the object store out of an environment. */
export function forgetObjectStoreKey(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.values(objectStoreKey)) delete environment[name]
}

function checkImages(text: string): void {
  try {
    parseImageNames(text)
  } catch (error) {
    throw new CliError(`--images: ${(error as Error).message}; "none" builds none`)
  }
}

/** It becomes the name of a file, and part of names of interfaces. */
function parseNamespace(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(text))
    throw new CliError(`--namespace takes up to 32 letters, digits, "-" and "_", not "${text}"`)
  return text
}

function parseRegions(text: string): CloudConfig['hosted'] {
  const ids = text === 'all' ? regions.map((region) => region.id) : text.split(',').map((id) => id.trim())
  try {
    return hostRegions(ids)
  } catch (error) {
    throw new CliError(`${(error as Error).message}; the regions are ${regions.map((region) => region.id).join(', ')}`)
  }
}

function readObjectStore(url: string, environment: NodeJS.ProcessEnv): S3StoreAddress {
  const accessKeyId = environment[objectStoreKey.id]
  const accessKeySecret = environment[objectStoreKey.secret]
  if (!accessKeyId || !accessKeySecret)
    throw new CliError(`--objects needs ${objectStoreKey.id} and ${objectStoreKey.secret} in the environment`)
  try {
    s3StoreOptions({ url, accessKeyId, accessKeySecret })
  } catch (error) {
    throw new CliError(`--objects: ${(error as Error).message}`)
  }
  return { url, accessKeyId, accessKeySecret }
}

function parseWorkers(text: string): 'auto' | number {
  if (text === 'auto') return text
  const count = Number(text)
  if (text === '' || !Number.isInteger(count) || count < 0 || count > 12)
    throw new CliError(`--workers takes auto or a number from 0 to 12, not "${text}"`)
  return count
}

function parseAllowed(text: string | undefined): string[] {
  const entries = (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  try {
    createOutboundHttp(entries)
  } catch (error) {
    throw new CliError(`--callback-allow: ${(error as Error).message}`)
  }
  return entries
}

function parsePort(text: string, option: string): number {
  const port = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_534)
    throw new CliError(`${option} takes a number from 0 to 65534, not "${text}"`)
  return port
}
