import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

test('DescribeEndpoints gives the place where the caller reached us, spelt as clients expect', async () => {
  const request = { Id: 'eu-central-1', ServiceCode: 'ecs', Type: 'openAPI' }
  const { status, body } = await cloud.call('Location', 'DescribeEndpoints', request, { method: 'GET' })
  expect(status).toBe(200)
  expect(body).toEqual({
    RequestId: expect.any(String),
    Success: true,
    Endpoints: {
      Endpoint: [
        {
          Endpoint: cloud.endpoint,
          Id: 'eu-central-1',
          Namespace: '',
          SerivceCode: 'ecs',
          Type: 'openAPI',
          Protocols: { Protocols: ['HTTP'] },
        },
      ],
    },
  })
})

test('DescribeEndpoint gives one, or says that the product does not exist', async () => {
  const one = await cloud.call('Location', 'DescribeEndpoint', { Id: 'cn-hangzhou', ServiceCode: 'vpc' })
  expect(one.body).toMatchObject({ Success: true, Endpoint: cloud.endpoint, SerivceCode: 'vpc' })
  const none = await cloud.call('Location', 'DescribeEndpoint', { Id: 'cn-hangzhou', ServiceCode: 'teleporter' })
  expect([none.status, none.body.Code]).toEqual([404, 'InvalidServiceCode.NotFound'])
})

test('a product that does not exist, or has no endpoint inside, has none; a region that is not served is named', async () => {
  const list = async (parameters: Record<string, string>) => {
    const { status, body } = await cloud.call('Location', 'DescribeEndpoints', parameters)
    return body.Endpoints?.Endpoint ?? `${status} ${body.Code}`
  }
  expect(await list({ Id: 'cn-hangzhou', ServiceCode: 'teleporter' })).toEqual([])
  expect(await list({ Id: 'cn-hangzhou', ServiceCode: 'ecs', Type: 'innerAPI' })).toEqual([])
  expect(await list({ Id: 'mars-north-1', ServiceCode: 'ecs' })).toBe('404 InvalidRegionId.NotFound')
})
