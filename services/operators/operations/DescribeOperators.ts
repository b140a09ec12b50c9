import * as contract from '@pileus/contract/generated/operators'
import { apiError } from '@pileus/kernel/errors'
import { operators } from '@pileus/world/operators'
import { errors } from '../errors.ts'
import { read } from '../operation.ts'

/** Who runs which region, under which brand, and in which languages they answer. */
export const DescribeOperators = read(contract.DescribeOperators, {
  permission: 'operators:DescribeOperators',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const { OperatorId: operatorId } = request
    const wanted = operators.filter(({ id }) => operatorId === undefined || id === operatorId)
    if (operatorId !== undefined && wanted.length === 0) {
      const known = operators.map(({ id }) => id).join(', ')
      throw apiError(errors['EntityNotExist.Operator'], { operatorId, known })
    }
    return {
      Operators: {
        Operator: wanted.map((operator) => ({
          OperatorId: operator.id,
          Form: operator.form,
          Brand: operator.brand,
          SeatRegionId: operator.seatRegionId,
          RegionIds: { RegionId: operator.regionIds.filter((id) => ctx.hosted.has(id)) },
          SupportLanguages: { SupportLanguage: [...operator.supportLanguages] },
          SupportHours: {
            Urgent: operator.supportHours.urgent,
            Ordinary: operator.supportHours.ordinary,
            TimeZone: operator.supportHours.timeZone,
          },
        })),
      },
    }
  },
})
