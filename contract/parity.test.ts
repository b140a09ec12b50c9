import { expect, test } from 'vitest'
import { loadProduct } from './contract.ts'
import { renderParity } from './parity.ts'

test('renderParity counts, lists and folds, the same every time', () => {
  const text = renderParity(new Map([['Sts', new Set(['GetCallerIdentity', 'AssumeRole'])]]))
  expect(text).toContain('| Sts | 2015-04-01 | 2 | 4 | 50 % |')
  expect(text).toContain(
    '| [AssumeRole](https://api.alibabacloud.com/document/Sts/2015-04-01/AssumeRole) | `RoleArn`, `RoleSessionName` |\n| [GetCallerIdentity]',
  )
  expect(text).toContain('<summary>Not implemented: 2</summary>\n\nAssumeRoleWithOIDC, AssumeRoleWithSAML\n')
  expect(text).toContain(`| Slb | 2014-05-15 | 0 | ${loadProduct('Slb').actionNames.length} | 0 % |`)
  expect(renderParity(new Map([['Sts', new Set(['AssumeRole', 'GetCallerIdentity'])]]))).toBe(text)
})

test('a version may be named where a product has two', () => {
  const text = renderParity(new Map([['Actiontrail@2020-07-06', new Set(['CreateTrail'])]]))
  expect(text).toMatch(/\| Actiontrail \| 2020-07-06 \| 1 \|/)
  expect(text).toMatch(/\| Actiontrail \| 2017-12-04 \| 0 \|/)
})

test('renderParity refuses what the contract does not have', () => {
  expect(() => renderParity(new Map([['Ecs', new Set(['RunInstance'])]]))).toThrow('no action Ecs RunInstance')
  expect(() => renderParity(new Map([['Nope', new Set()]]))).toThrow('no product Nope')
})
