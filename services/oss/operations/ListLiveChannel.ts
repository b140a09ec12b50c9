import { readMaxKeys } from '../domain/list-parameters.ts'
import { onBucket } from '../operation.ts'

/** No bucket has live channels: making one answers NotImplemented. Clients that clear a bucket ask for them. */
export const ListLiveChannel = onBucket({
  name: 'ListLiveChannel',
  route: { method: 'GET', subresources: ['live'] },
  permission: 'oss:ListLiveChannel',
  run: async (_context, { query }) => ({
    status: 200,
    body: {
      kind: 'xml',
      root: 'ListLiveChannelResult',
      value: {
        Prefix: query.get('prefix') ?? '',
        Marker: query.get('marker') ?? '',
        MaxKeys: readMaxKeys(query, 'max-keys', 100),
        IsTruncated: false,
        NextMarker: '',
      },
    },
  }),
})
