import { operations } from '@pileus/cloud/operations'
import { renderParity } from '@pileus/contract/parity'
import { createRegistry } from '@pileus/gateway/registry'
import { expect, test } from 'vitest'

test('parity.md says what is implemented (renew it with npm run parity)', async () => {
  const implemented = new Map(
    [...createRegistry(operations).implemented()].map(([product, actions]) => [product.replace(' ', '@'), actions]),
  )
  await expect(renderParity(implemented)).toMatchFileSnapshot('./parity.md')
})
