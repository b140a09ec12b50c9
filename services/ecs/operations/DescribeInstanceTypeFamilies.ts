import * as contract from '@pileus/contract/generated/ecs'
import { instanceTypes } from '../domain/instance-types.ts'
import { read } from '../operation.ts'

const families = [...new Map(instanceTypes.map((type) => [type.family, type.generation]))]

export const DescribeInstanceTypeFamilies = read(contract.DescribeInstanceTypeFamilies, {
  permission: 'ecs:DescribeInstanceTypeFamilies',
  places: 'nowhere',
  async run(_ctx, request) {
    const wanted = families.filter(([, generation]) => !request.Generation || request.Generation === generation)
    return {
      InstanceTypeFamilies: {
        InstanceTypeFamily: wanted.map(([id, generation]) => ({ InstanceTypeFamilyId: id, Generation: generation })),
      },
    }
  },
})
