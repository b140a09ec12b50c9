import * as contract from '@pileus/contract/generated/ecs'
import { listTags } from '@pileus/kernel/tags'
import { describeAttachment, describeNetworkInterface } from '../describe-network-interface.ts'
import { read } from '../operation.ts'

/** Describes one network interface. */
export const DescribeNetworkInterfaceAttribute = read(contract.DescribeNetworkInterfaceAttribute, {
  permission: 'ecs:DescribeNetworkInterfaceAttribute',
  places: 'nowhere',
  resources: (request) => [`eni/${request.NetworkInterfaceId}`],
  async run(ctx, request) {
    const nic = await ctx.vpc.networkInterfaces.get(ctx.db, ctx, request.NetworkInterfaceId)
    const tags = await listTags(ctx.db, { product: 'ecs', resourceType: 'eni' }, [nic.nicId])
    return {
      ...describeNetworkInterface(nic, tags.get(nic.nicId) ?? []),
      Attachment: { ...describeAttachment(nic), MemberNetworkInterfaceIds: { MemberNetworkInterfaceId: [] } },
      AssociatedPublicIp: {},
      BondInterfaceSpecification: {
        SlaveInterfaceSpecification: { SlaveInterfaceSpecificationSet: [] },
      },
    }
  },
})
