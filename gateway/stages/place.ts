import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Exchange } from '../exchange.ts'
import { headerOf } from '../http-request.ts'
import { productOfHost } from '../proxy/vendor-hosts.ts'

/** Whose region is meant: the parameter, else the endpoint's host name, else the installation's default. */
export function place(hosted: HostedRegions) {
  return (exchange: Exchange): void => {
    const { http, parameters, operation } = exchange
    exchange.language =
      parameters.get('AcceptLanguage') ?? parameters.get('Lang') ?? headerOf(http, 'accept-language') ?? 'en-US'
    if (operation?.rules.scope === 'global') {
      exchange.regionId = hosted.defaultRegionId
      return
    }
    const regionId =
      parameters.get('RegionId') || headerOf(http, 'x-acs-region-id') || regionOfHost(headerOf(http, 'host'), hosted)
    exchange.regionId = hosted.get(regionId ?? hosted.defaultRegionId).id
  }
}

function regionOfHost(host: string | undefined, hosted: HostedRegions): string | undefined {
  if (!host) return undefined
  const regionId = productOfHost(host.replace(/:\d+$/, ''))?.regionId
  return regionId && hosted.has(regionId) ? regionId : undefined
}
