import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { getAction } from './contract.ts'
import { decodeRequest, maxListIndex } from './decode.ts'
import { checkResponse, completeResponse, encodeXml } from './encode.ts'
import { ContractError } from './errors.ts'
import * as ecs from './generated/ecs.ts'
import * as ram from './generated/ram.ts'

const actions = [
  ecs.RunInstances,
  ecs.RunCommand,
  ecs.DescribeInstances,
  ecs.AuthorizeSecurityGroup,
  ram.CreateRole,
].map((ref) => getAction(ref as typeof ecs.RunInstances))

const word = fc.oneof(
  fc.constantFrom('Tag', 'DataDisk', 'NetworkInterface', 'SystemDisk', 'Parameters', 'RegionId', 'Amount', 'DryRun'),
  fc.constantFrom('Key', 'key', 'Value', 'Size', 'SecurityGroupIds', 'Permissions', 'Filter'),
  fc.constantFrom('1', '2', '0', '-1', '01', '1000', '1001', '1e3', '', '#3#a.b', '#9', '#999#x'),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'),
  fc.string({ maxLength: 8 }),
)
const name = fc.array(word, { minLength: 1, maxLength: 20 }).map((words) => words.join('.'))
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.constantFrom(
    'true',
    'FALSE',
    '-1',
    '1.5',
    '9e99',
    '99999999999999999999',
    'null',
    '[]',
    '{}',
    '[[[[[[',
    '{"__proto__":1}',
  ),
)

describe('decodeRequest, given anything', () => {
  test('throws nothing but ContractError and touches no prototype', () => {
    const run = fc.property(
      fc.constantFrom(...actions),
      fc.array(fc.tuple(name, value), { maxLength: 30 }),
      (action, given) => {
        const parameters = new Map<string, string>([['RegionId', 'r'], ...given])
        try {
          const request = decodeRequest(action, parameters)
          expect(Object.getPrototypeOf(request)).toBe(Object.prototype)
          for (const key of Object.keys(request as object)) expect(action.request.fields.has(key)).toBe(true)
        } catch (error) {
          if (!(error instanceof ContractError)) throw error
          expect(['MissingParameter', 'InvalidParameter']).toContain(error.code)
          expect(error.parameter.length).toBeLessThanOrEqual(200)
        }
        expect(Object.keys(Object.prototype)).toEqual([])
      },
    )
    fc.assert(run, { numRuns: 3000 })
  })

  test('bounds depth, name length and number of parameters', () => {
    const [runInstances] = actions
    if (!runInstances) throw new Error('no action')
    const deep = `Tag${'.1'.repeat(10_000)}`
    const long = 'A'.repeat(1_000_000)
    expect(
      decodeRequest(runInstances, [
        ['RegionId', 'r'],
        [deep, 'x'],
        [long, 'x'],
      ]),
    ).toEqual({ RegionId: 'r' })
    const many = Array.from({ length: 20_001 }, (_, i): [string, string] => [`X${i}`, ''])
    expect(() => decodeRequest(runInstances, many)).toThrow(ContractError)
    const nested = '['.repeat(100_000) + ']'.repeat(100_000)
    const runCommand = getAction(ecs.RunCommand)
    expect(() =>
      decodeRequest(runCommand, [
        ['RegionId', 'r'],
        ['Parameters', `{"a":${nested}}`],
      ]),
    ).toThrow(ContractError)
  })

  test('takes time in proportion to the input', () => {
    const [runInstances] = actions
    if (!runInstances) throw new Error('no action')
    const parameters = (lists: number) => {
      const made: [string, string][] = [['RegionId', 'r']]
      for (let i = 1; i <= lists; i += 1) {
        for (let j = 1; j <= 20; j += 1) made.push([`NetworkInterface.${i}.SecurityGroupIds.${j}`, 'sg-1'])
      }
      return made
    }
    const fastestMs = (given: [string, string][]) => {
      let best = Number.POSITIVE_INFINITY
      for (let run = 0; run < 15; run += 1) {
        const startedMs = performance.now()
        decodeRequest(runInstances, given)
        best = Math.min(best, performance.now() - startedMs)
      }
      return best
    }
    const small = parameters(90)
    const large = parameters(maxListIndex - 100)
    fastestMs(small)
    // Ten times the input; quadratic work would take a hundred times as long.
    expect(fastestMs(large) / fastestMs(small)).toBeLessThan(40)
  })
})

test('responses of any kind are checked, completed and written without a throw', () => {
  const action = getAction(ecs.DescribeInstances)
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(']]>', '<!--', '&#0;', '\ud800'))
  const run = fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(text, text)), (given) => {
    expect(Array.isArray(checkResponse(action, given))).toBe(true)
    completeResponse(action, given as object)
    const written = encodeXml('DescribeInstancesResponse', given)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters XML 1.0 forbids
    expect(written).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u)
    expect(written.replace(/<\/?[A-Za-z_][\w.-]*>|^<\?xml [^?]*\?>/g, '')).not.toMatch(/[<>]/)
  })
  fc.assert(run, { numRuns: 1000 })
})
