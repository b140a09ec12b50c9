/** Every action, against the SDK that defines it: what the SDK writes we read, and what we write it reads. */

import * as ecs from '@alicloud/ecs20140526'
import * as ims from '@alicloud/ims20190815'
import { OpenApiUtil } from '@alicloud/openapi-core'
import * as ram from '@alicloud/ram20150501'
import * as sts from '@alicloud/sts20150401'
import * as vpc from '@alicloud/vpc20160428'
import * as $dara from '@darabonba/typescript'
import { expect, test } from 'vitest'
import { type ActionMeta, loadProduct } from './contract.ts'
import { decodeRequest } from './decode.ts'
import { checkResponse, completeResponse, encodeJson } from './encode.ts'
import type { Shape, StructShape } from './shape.ts'

const sdks: Record<string, Record<string, unknown>> = {
  Ecs: { ...ecs },
  Vpc: { ...vpc },
  Ram: { ...ram },
  Sts: { ...sts },
  Ims: { ...ims },
}

/** A value of the shape, with two elements in each list. */
function sample(shape: Shape, text: string): unknown {
  switch (shape.kind) {
    case 'string':
    case 'any':
      return text
    case 'number':
      return text.length
    case 'boolean':
      return text.length % 2 === 0
    case 'array':
      return [sample(shape.item, `${text} é,&`), sample(shape.item, `${text}.2`)]
    case 'map':
      return { 'key.a': sample(shape.value, text) }
    case 'struct':
      return sampleStruct(shape, text)
  }
}

function sampleStruct(shape: StructShape, text: string): Record<string, unknown> {
  return Object.fromEntries([...shape.fields.values()].map((f) => [f.name, sample(f.shape, `${text}${f.name}`)]))
}

/** As the generated client does it. */
function flatten(action: ActionMeta, request: Record<string, unknown>): Record<string, string> {
  const query: Record<string, unknown> = { ...request }
  for (const field of action.request.fields.values()) {
    if (field.encoding === 'flat') continue
    query[field.name] = OpenApiUtil.arrayToStringWithSpecifiedStyle(request[field.name], field.name, field.encoding)
  }
  return OpenApiUtil.query(query)
}

/** Actions that we added to a product of the vendor's, which no SDK knows. */
const ours = new Set(['DecodeDiagnosticMessage', 'SimulatePrincipalPolicy'])

function actionsOf(product: string): ActionMeta[] {
  const { actionNames, findAction } = loadProduct(product)
  return actionNames.flatMap((name) => findAction(name) ?? [])
}

test.each(Object.keys(sdks))('requests of %s arrive as they were sent', (product) => {
  const actions = actionsOf(product)
  for (const action of actions) {
    const simple = [...action.request.fields.values()].some((f) => f.encoding === 'simple')
    const request = sampleStruct(action.request, simple ? 'plain' : '')
    // A comma-joined list cannot hold commas.
    for (const f of action.request.fields.values()) if (f.encoding === 'simple') request[f.name] = ['a', 'b']
    expect(decodeRequest(action, Object.entries(flatten(action, request))), action.name).toEqual(request)
  }
  expect(actions.length).toBeGreaterThan(3)
})

test.each(Object.keys(sdks))('responses of %s reach the SDK whole', (product) => {
  const models = sdks[product] ?? {}
  let compared = 0
  for (const action of actionsOf(product)) {
    const value = sample(action.response, '')
    expect(checkResponse(action, value), action.name).toEqual([])
    expect(completeResponse(action, value), action.name).toBe(value)
    if (ours.has(action.name)) continue
    const Response = models[`${action.name}Response`] as new (map: object) => { toMap(): { body?: unknown } }
    const cast = $dara.cast({ body: JSON.parse(encodeJson(action, value)) }, new Response({}))
    expect(cast.toMap().body ?? {}, action.name).toEqual(value)
    compared += 1
  }
  expect(compared).toBe(actionsOf(product).filter(({ name }) => !ours.has(name)).length)
})

test.each(Object.keys(sdks))('completed empty responses of %s have the shape of the contract', (product) => {
  for (const action of actionsOf(product)) {
    expect(checkResponse(action, completeResponse(action, {})), action.name).toEqual([])
  }
  expect(actionsOf(product).length).toBeGreaterThan(3)
})
