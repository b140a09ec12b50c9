import { expect, test } from 'vitest'
import { fillParameters, invocationStatus, parameterNames, planCommand } from './commands.ts'

const encode = (text: string) => Buffer.from(text).toString('base64')

test('parameters are found and filled, wherever they stand', () => {
  const content = encode('echo {{ a }} {{b}} {{a}}')
  expect(parameterNames(content)).toEqual(['a', 'b'])
  expect(fillParameters(content, { a: 1, b: '$x' })).toBe(encode('echo 1 $x 1'))
  expect(() => fillParameters(content, { a: 1 })).toThrowError(/"b"/)
  expect(() => fillParameters(content, { '': 1 })).toThrowError(/empty/)
  expect(() => fillParameters(encode('{{ACS::InstanceId}}'), {})).toThrowError(/built-in/)
})

test.each([
  [['Pending'], 'Pending'],
  [['Pending', 'Success'], 'Running'],
  [['Running', 'Failed'], 'Running'],
  [['Stopping', 'Running'], 'Stopping'],
  [['Success', 'Success'], 'Success'],
  [['Success', 'Failed'], 'PartialFailed'],
  [['Failed', 'Timeout'], 'Failed'],
  [['Stopped', 'Stopped'], 'Stopped'],
] as const)('targets %o make the invocation %s', (targets, expected) => {
  expect(invocationStatus(targets)).toBe(expected)
})

test('content is at most 18 KiB, in either encoding', () => {
  const request = { Type: 'RunShellScript', CommandContent: 'x'.repeat(18 * 1024) }
  expect(planCommand(request, 'PlainText').timeoutS).toBe(60)
  expect(() => planCommand({ ...request, CommandContent: `${request.CommandContent}x` }, 'PlainText')).toThrowError(
    /18432/,
  )
  expect(() => planCommand({ ...request, ContentEncoding: 'Hex' }, 'PlainText')).toThrowError(/Hex/)
})
