import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Exchange } from '../exchange.ts'
import { headerOf } from '../http-request.ts'
import { productOfHost } from '../proxy/vendor-hosts.ts'

/** Whose region is meant: the parameter, else the endpoint's host name, else the installation's default. */
export function place(hosted: HostedRegions) {
  return (exchange: Exchange): void => {
    const { http, parameters, operation } = exchange
    if (operation?.rules.scope === 'global') {
      exchange.regionId = hosted.defaultRegionId
      return
    }
    // RPC v1 signs no header.
    const headerRegionId = exchange.protocol === 'rpc-v1' ? undefined : headerOf(http, 'x-acs-region-id')
    const regionId = parameters.get('RegionId') || headerRegionId || regionOfHost(headerOf(http, 'host'), hosted)
    exchange.regionId = hosted.get((regionId ?? hosted.defaultRegionId).slice(0, 128)).id
  }
}

function regionOfHost(host: string | undefined, hosted: HostedRegions): string | undefined {
  if (!host) return undefined
  const regionId = productOfHost(host.replace(/:\d+$/, ''))?.regionId
  return regionId && hosted.has(regionId) ? regionId : undefined
}
