import type { AnyOperation } from '@pileus/kernel/operation'
import { DescribeEndpoint } from './operations/DescribeEndpoint.ts'
import { DescribeEndpoints } from './operations/DescribeEndpoints.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation[] = [DescribeEndpoint, DescribeEndpoints]
