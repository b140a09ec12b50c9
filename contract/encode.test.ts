import { expect, test } from 'vitest'
import { getAction } from './contract.ts'
import { checkResponse, completeResponse, encodeJson, encodeXml } from './encode.ts'
import * as ecs from './generated/ecs.ts'
import * as vpc from './generated/vpc.ts'

const describeInstances = getAction(ecs.DescribeInstances)

test('completeResponse adds the empty list wrapper of an empty page', () => {
  const completed = completeResponse(describeInstances, { TotalCount: 0 })
  expect(completed).toEqual({ TotalCount: 0, Instances: { Instance: [] } })
})

test('completeResponse adds lists inside list elements and leaves other structs absent', () => {
  const given = { Instances: { Instance: [{ InstanceId: 'i-1', VpcAttributes: { VpcId: 'vpc-1' } }] } }
  const kept = structuredClone(given)
  const completed = completeResponse(describeInstances, given)
  const [instance] = completed.Instances?.Instance ?? []
  expect(instance).toMatchObject({
    InstanceId: 'i-1',
    SecurityGroupIds: { SecurityGroupId: [] },
    Tags: { Tag: [] },
    NetworkInterfaces: { NetworkInterface: [] },
    VpcAttributes: { VpcId: 'vpc-1', PrivateIpAddress: { IpAddress: [] } },
  })
  expect(instance).not.toHaveProperty('EipAddress')
  expect(given).toEqual(kept)
})

test('completeResponse fills a wrapper that was given without its list', () => {
  expect(completeResponse(describeInstances, { Instances: {} })).toEqual({ Instances: { Instance: [] } })
})

test('completeResponse returns the same object when nothing is missing', () => {
  const complete = completeResponse(getAction(vpc.DescribeVpcs), { TotalCount: 1, Vpcs: { Vpc: [{ VpcId: 'vpc-1' }] } })
  expect(completeResponse(getAction(vpc.DescribeVpcs), complete)).toBe(complete)
  const created = { VSwitchId: 'vsw-1' }
  expect(completeResponse(getAction(vpc.CreateVSwitch), created)).toBe(created)
})

test('completed responses have the shape of the contract', () => {
  const completed = completeResponse(describeInstances, { Instances: { Instance: [{}, {}] } })
  expect(checkResponse(describeInstances, completed)).toEqual([])
})

test.each<[unknown, string[]]>([
  [{ TotalCount: 1, RequestId: 'x' }, []],
  [{ TotalCount: undefined }, []],
  [{ TotalCount: '1' }, ['TotalCount: number expected, string found']],
  [{ TotalCount: Number.NaN }, ['TotalCount: number expected, NaN found']],
  [{ Instances: [] }, ['Instances: object expected, array found']],
  [{ Instances: { Instance: {} } }, ['Instances.Instance: array expected, object found']],
  [{ Instances: { Instance: [{ Cpu: null }] } }, ['Instances.Instance[0].Cpu: number expected, null found']],
  [{ Total: 1 }, ['Total: unknown field']],
  ['text', ['response: object expected, string found']],
])('checkResponse of %j', (value, deviations) => {
  expect(checkResponse(describeInstances, value)).toEqual(deviations)
})

test('encodeJson drops undefined and answers an object for no value', () => {
  expect(encodeJson(describeInstances, { TotalCount: 0, NextToken: undefined })).toBe('{"TotalCount":0}')
  expect(encodeJson(describeInstances, undefined)).toBe('{}')
})

test('encodeXml repeats the elements of lists and nests wrappers', () => {
  const value = { RequestId: 'R', TotalCount: 2, Vpcs: { Vpc: [{ VpcId: 'a', IsDefault: false }, { VpcId: 'b' }] } }
  expect(encodeXml('DescribeVpcsResponse', value)).toBe(
    "<?xml version='1.0' encoding='UTF-8'?><DescribeVpcsResponse><RequestId>R</RequestId><TotalCount>2</TotalCount>" +
      '<Vpcs><Vpc><VpcId>a</VpcId><IsDefault>false</IsDefault></Vpc><Vpc><VpcId>b</VpcId></Vpc></Vpcs>' +
      '</DescribeVpcsResponse>',
  )
})

test.each([
  ['<a href="x">&\'</a>', '&lt;a href=&quot;x&quot;&gt;&amp;&apos;&lt;/a&gt;'],
  ['line\r\n\tend', 'line&#13;\n\tend'],
  ['\u0000\u0008a\u000bb\ufffe\uffff', 'ab'],
  ['lone \ud800 and pair \u{1f30b}', 'lone  and pair \u{1f30b}'],
])('encodeXml writes %j', (text, written) => {
  expect(encodeXml('E', { M: text })).toBe(`<?xml version='1.0' encoding='UTF-8'?><E><M>${written}</M></E>`)
})

test('encodeXml keeps free keys from breaking the document, and leaves out what is null', () => {
  const written = encodeXml('E', { Map: { 'a b><': 1, '1': 2 }, None: null, Gone: undefined, Empty: [] })
  expect(written).toBe("<?xml version='1.0' encoding='UTF-8'?><E><Map><_1>2</_1><a_b__>1</a_b__></Map></E>")
})
