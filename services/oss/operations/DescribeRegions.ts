import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onService } from '../operation.ts'

/** The regions that this installation serves, or the one that is asked for, such as `oss-cn-hangzhou`. */
export const DescribeRegions = onService({
  name: 'DescribeRegions',
  route: { method: 'GET', subresources: ['regions'] },
  permission: 'oss:DescribeRegions',
  async run({ hosted }, { query }) {
    const wanted = query.get('regions') ?? ''
    const ids = hosted.regions.map((region) => region.id).filter((id) => wanted === '' || wanted === `oss-${id}`)
    if (ids.length === 0) throw objectError(errors.NoSuchRegion, { facts: { region: wanted.slice(0, 64) } })
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'RegionInfoList',
        value: {
          RegionInfo: ids.map((id) => ({
            Region: `oss-${id}`,
            InternetEndpoint: `oss-${id}.aliyuncs.com`,
            InternalEndpoint: `oss-${id}-internal.aliyuncs.com`,
            AccelerateEndpoint: 'oss-accelerate.aliyuncs.com',
          })),
        },
      },
    }
  },
})
