import { join } from 'node:path'
import { type ActiontrailService, createActiontrailService, publicationDirectory } from '@pileus/actiontrail/service'
import { createEcsService, type EcsService } from '@pileus/ecs/service'
import { productOfHost } from '@pileus/gateway/proxy/vendor-hosts'
import { createImsService } from '@pileus/ims/service'
import type { Clock } from '@pileus/kernel/clock'
import type { NetworkDriver } from '@pileus/kernel/fabric/network'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import type { Translator } from '@pileus/kernel/messages/translator'
import type { Service } from '@pileus/kernel/operation'
import { createOutboundHttp } from '@pileus/kernel/outbound-http'
import type { Authorizer, ResidencyGate } from '@pileus/kernel/ports'
import type { RegionKeys } from '@pileus/kernel/region-keys'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import { createKmsService, type KmsService } from '@pileus/kms/service'
import { createLocationService } from '@pileus/location/service'
import { createOperatorsService, type OperatorsService } from '@pileus/operators/service'
import { createOssService, type OssService } from '@pileus/oss/service'
import { compilePolicy, evaluatePolicies } from '@pileus/ram/domain/policy/evaluate'
import { createRamService, type RamService } from '@pileus/ram/service'
import { createResidencyService } from '@pileus/residency/service'
import { createStsService } from '@pileus/sts/service'
import { createVpcService, type VpcService } from '@pileus/vpc/service'
import type { CloudConfig } from './config.ts'
import { withEmergencyAccess } from './emergency-access.ts'
import { withIdentityCheck } from './identity-check.ts'
import { createNetworkDriver } from './network.ts'
import { websiteFilings } from './website-filings.ts'

export interface ServiceParts {
  translator: Translator
  config: CloudConfig
  cellId: string
  store: Store
  bytes: RegionBytes
  secretBox: SecretBox
  regionKeys: RegionKeys
  clock: Clock
  wakes: WakeListener
  log: Log
  /** `<host>:<port>` of the public listener; known once it listens. */
  publicEndpoint(): string
  /** Names that no customer may have, in lower case: each with all below it. */
  ownNames: readonly string[]
  /** The account that the installation was made with. */
  ownAccountId: AccountId
}

export interface Services {
  all: readonly Service[]
  ram: RamService
  vpc: VpcService
  ecs: EcsService
  oss: OssService
  kms: KmsService
  actiontrail: ActiontrailService
  operators: OperatorsService
  authorizer: Authorizer
  residency: ResidencyGate
  network: NetworkDriver
  close(): Promise<void>
}

/** Makes every product and gives each the ports of its neighbours. */
export function createServices(parts: ServiceParts): Services {
  const { config, cellId, store, bytes, secretBox, regionKeys, clock, wakes, log } = parts
  const { hosted } = config
  const network = createNetworkDriver(config, cellId)
  const snapshots = {
    directory: join(config.dataDir, 'ram-snapshots'),
    regionIds: hosted.regions.map((region) => region.id),
  }
  const ram = createRamService({ store, secretBox, clock, wakes, log, snapshots })
  const vpc = createVpcService({ store, clock, hosted, driver: network })
  let all: readonly Service[] = []
  const residencyService = createResidencyService({
    ...{ store, secretBox, clock, wakes, cellId, log },
    services: () => all,
    audit: () => actiontrail.audit,
  })
  const { gate } = residencyService
  const directory = publicationDirectory(config.dataDir)
  const actiontrail = createActiontrailService({
    ...{ store, secretBox, clock, hosted, cellId, directory, wakes, residency: gate, ram: ram.port, log },
    destinations: () => oss.port,
  })
  const { audit } = actiontrail
  const operators = createOperatorsService({ store, clock, wakes, ram: ram.port, residency: gate, audit })
  const residency = withIdentityCheck({ gate, operators: operators.port, translator: parts.translator, clock })
  const identities = withEmergencyAccess(ram.authorizer, operators.port)
  const judge = resourcePolicyJudge
  const kms = createKmsService({ store, clock, hosted, regionKeys, authorizer: identities, judge, log })
  const { authorizer } = kms
  const ecsParts = { store, clock, hosted, wakes, log, cellId }
  const ecs = createEcsService({ ...ecsParts, vpc: vpc.port, ram: ram.port, kms: kms.port, authorizer })
  const outbound = createOutboundHttp(config.outboundAllow)
  const shared = { store, bytes, clock, hosted, wakes, log, secretBox, outbound, publicEndpoint: parts.publicEndpoint }
  const filings = websiteFilings(operators.port, clock)
  const processes = Math.max(1, config.workers ?? 0)
  const readVendorHost = (host: string) => {
    const { product, bucket } = productOfHost(host)
    return product === 'oss' ? { bucket } : undefined
  }
  const ims = createImsService({ ram: ram.port })
  const { ownNames, ownAccountId } = parts
  const ossPorts = { kms: kms.port, ram: ram.port, audit, ownNames, ownAccountId, ...filings }
  const oss = createOssService({ ...shared, ...ossPorts, authorizer, residency, judge, readVendorHost, processes })
  all = [
    ecs,
    vpc,
    ram,
    oss,
    kms,
    actiontrail,
    operators,
    residencyService,
    ims,
    createStsService({ ram: ram.port, ims: ims.port, outbound, clock }),
    createLocationService(),
  ]
  return {
    all,
    ram,
    vpc,
    ecs,
    oss,
    kms,
    actiontrail,
    operators,
    authorizer,
    residency,
    network,
    async close() {
      ram.close()
      ecs.close()
      await oss.close()
      await actiontrail.close()
      operators.close()
      await residencyService.close()
      await network.close()
    },
  }
}

/** Statements of policies of buckets and keys mean what those of identity policies mean. */
const resourcePolicyJudge = {
  compile(document: string) {
    const policies = [compilePolicy(document)]
    return { judge: (question: Parameters<typeof evaluatePolicies>[1]) => evaluatePolicies(policies, question) }
  },
}
