/** The official npm SDKs, configured as their users configure them. */
import { createRequire } from 'node:module'
import type EcsClient from '@alicloud/ecs20140526'
import type { $OpenApiUtil } from '@alicloud/openapi-core'
import type RamClient from '@alicloud/ram20150501'
import type StsClient from '@alicloud/sts20150401'
import type VpcClient from '@alicloud/vpc20160428'

const require = createRequire(import.meta.url)

export interface SdkClients {
  ecs: EcsClient
  vpc: VpcClient
  ram: RamClient
  sts: StsClient
}

export interface SdkSettings {
  /** `host:port`. */
  endpoint: string
  regionId: string
  accessKeyId: string
  accessKeySecret: string
  securityToken?: string
  protocol?: 'http' | 'https'
  /** PEM text. */
  ca?: string
}

/** The packages are CommonJS with a default export, which Node and bundlers unwrap differently; hence `require`. */
export function createSdkClients(settings: SdkSettings): SdkClients {
  const make = <Client>(name: string): Client => {
    const core = require('@alicloud/openapi-core') as {
      $OpenApiUtil: { Config: new (map: object) => $OpenApiUtil.Config }
    }
    const config = new core.$OpenApiUtil.Config({ protocol: 'http', ...settings })
    const module = require(name) as { default: new (config: $OpenApiUtil.Config) => Client }
    return new module.default(config)
  }
  const clients = new Map<string, unknown>()
  const once = <Client>(name: string): Client => {
    if (!clients.has(name)) clients.set(name, make<Client>(name))
    return clients.get(name) as Client
  }
  // Loading a package takes up to a second, so each waits for its first use.
  return {
    get ecs() {
      return once<EcsClient>('@alicloud/ecs20140526')
    },
    get vpc() {
      return once<VpcClient>('@alicloud/vpc20160428')
    },
    get ram() {
      return once<RamClient>('@alicloud/ram20150501')
    },
    get sts() {
      return once<StsClient>('@alicloud/sts20150401')
    },
  }
}

/** A request model of a package, such as `sdkModel('@alicloud/ecs20140526', 'RunInstancesRequest')`. */
// biome-ignore lint/suspicious/noExplicitAny: the models' types come from the caller's own import.
export function sdkModel(packageName: string, model: string): new (map: object) => any {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const found = (require(packageName) as Record<string, new (map: object) => any>)[model]
  if (!found) throw new Error(`${packageName} has no model ${model}`)
  return found
}
