import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { instanceTypes, memoryGiB } from '../domain/instance-types.ts'
import { resolveImage } from '../launch.ts'
import { read } from '../operation.ts'

export const DescribeImageSupportInstanceTypes = read(contract.DescribeImageSupportInstanceTypes, {
  permission: 'ecs:DescribeImageSupportInstanceTypes',
  resources: (request) => [`image/${request.ImageId ?? '*'}`],
  places: 'nowhere',
  async run(ctx, request) {
    if (!request.ImageId) throw apiError(commonErrors.MissingParameter, { parameter: 'ImageId' })
    const image = await resolveImage(ctx, { id: request.ImageId })
    const types = instanceTypes.filter((type) => type.memoryMiB >= image.min_memory_mib)
    return {
      ImageId: image.id,
      RegionId: ctx.regionId,
      InstanceTypes: {
        InstanceType: types.map((type) => ({
          InstanceTypeId: type.id,
          InstanceTypeFamily: type.family,
          CpuCoreCount: type.vcpus,
          MemorySize: memoryGiB(type),
        })),
      },
    }
  },
})
