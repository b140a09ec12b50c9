import { operations } from '@pileus/cloud/operations'
import { renderParity } from '@pileus/contract/parity'
import { createRegistry } from '@pileus/gateway/registry'
import { renderOssParity } from '@pileus/oss/parity'
import { expect, test } from 'vitest'
import { renderSuiteResults } from '../interop/render-results.ts'

test('parity.md says what is implemented (renew it with npm run parity)', async () => {
  const implemented = new Map(
    [...createRegistry(operations).implemented()].map(([product, actions]) => [product.replace(' ', '@'), actions]),
  )
  const whole = `${renderParity(implemented).trimEnd()}\n\n${renderOssParity().trimEnd()}\n\n${renderSuiteResults()}`
  await expect(whole).toMatchFileSnapshot('./parity.md')
})
