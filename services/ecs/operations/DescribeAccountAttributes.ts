import * as contract from '@pileus/contract/generated/ecs'
import { maxKeyPairs } from '../domain/key-pairs.ts'
import { read } from '../operation.ts'

const attributes: Readonly<Record<string, readonly string[]>> = {
  'instance-network-type': ['vpc'],
  'real-name-authentication': ['none'],
  'supported-postpaid-instance-types': ['all'],
  'max-security-groups': ['500'],
  'max-elastic-network-interfaces': ['50000'],
  'max-dedicated-hosts': ['0'],
  'max-launch-templates': ['0'],
  'max-key-pairs': [String(maxKeyPairs)],
}

/** Limits of the account; all of them, or those named. */
export const DescribeAccountAttributes = read(contract.DescribeAccountAttributes, {
  permission: 'ecs:DescribeAccountAttributes',
  places: 'nowhere',
  async run(_ctx, request) {
    const wanted = request.AttributeName?.length ? request.AttributeName : Object.keys(attributes)
    return {
      AccountAttributeItems: {
        AccountAttributeItem: wanted.flatMap((name) => {
          const values = attributes[name]
          if (!values) return []
          return [{ AttributeName: name, AttributeValues: { ValueItem: values.map((Value) => ({ Value })) } }]
        }),
      },
    }
  },
})
