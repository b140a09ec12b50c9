import type { ReadyBlock } from '@pileus/cloud/config'
import { dataDirOf } from './paths.ts'

export interface ReadyOptions {
  /** How long the start took; absent for a cloud that ran already. */
  startedMs?: number | undefined
  /** Whether it ends with the process that prints this. */
  isForeground: boolean
}

/** The ready block as people read it. */
export function renderReady(ready: ReadyBlock, { startedMs, isForeground }: ReadyOptions): string {
  const data = ready.dataDir === dataDirOf({}) ? '' : ` --data ${ready.dataDir}`
  const { endpoint, httpsEndpoint, defaultRegion, accessKeyId } = ready
  const engine =
    ready.engine === 'simulated' ? 'SIMULATED (no real machines or networks)' : 'qemu (real machines, real networks)'
  const took = startedMs === undefined ? '' : ` in ${(startedMs / 1000).toFixed(1)} s`
  return `
Pileus is ready${took}.

  http        http://${endpoint}
  https       https://${httpsEndpoint}   (CA: ${ready.caFile})
  engine      ${engine}
              ${ready.engineReason}
  regions     ${ready.regions.length}: ${ready.regions.slice(0, 4).join(' ')}${ready.regions.length > 4 ? ' …' : ''}
  RAM         enforced: every call is signed and authorised
  account     ${ready.accountId}
  access key  ${accessKeyId}   (secret: ./pileus env${data}, or ${ready.dataDir}/root-key.json)
  data        ${ready.dataDir}

Use it from another terminal:

  eval "$(./pileus env${data})"   # keys, CA and proxy: clients with unmodified configuration come here

  CLI         aliyun ecs DescribeRegions
  SDK (npm)   new Ecs.default(new Config({ endpoint: '${endpoint}', protocol: 'http', regionId: '${defaultRegion}',
                accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
                accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET }))
  Terraform   provider "alicloud" { region = "${defaultRegion}" }

Stop it with ${isForeground ? 'Ctrl-C, or ' : ''}./pileus down${data}.
`
}
