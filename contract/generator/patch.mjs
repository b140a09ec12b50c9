// Merges a hand-written patch into a product. Patches say shapes in a short form:
//   'string' | 'number' | 'boolean' | 'any', with '!' at the end when the parameter is required
//   [item]                  a list          { Name: shape }   a struct
//   { $map: shape }         a map           { $json: shape }  a parameter that travels as a JSON string
//   { $simple: shape }      a list that travels comma-joined
//   { $required: shape }    a list or struct that is required
//   null                    removes the field the SDK declares
// A field of a patch replaces the SDK's field of that name; other fields stay.

/** @param {import('./sdk.mjs').Product} product */
export function applyPatch(product, patch) {
  for (const [name, change] of Object.entries(patch.actions)) {
    let action = product.actions.get(name)
    if (change === null) {
      product.actions.delete(name)
      continue
    }
    if (!change.source) throw new Error(`patch ${patch.product}.${name} names no source`)
    if (!action) {
      const request = { kind: 'struct', model: `${name}Request` }
      const response = { kind: 'struct', model: `${name}ResponseBody` }
      product.models.set(request.model, new Map())
      product.models.set(response.model, new Map())
      action = { name, style: 'RPC', method: 'POST', path: '/', auth: 'AK', request, response }
      product.actions.set(name, action)
    }
    for (const key of ['style', 'method', 'path', 'auth']) if (change[key]) action[key] = change[key]
    mergeStruct(product, action.request.model, change.request ?? {})
    mergeStruct(product, action.response.model, change.response ?? {})
  }
}

function mergeStruct(product, modelName, fields) {
  const model = product.models.get(modelName)
  for (const [name, shape] of Object.entries(fields)) {
    if (shape === null) {
      model.delete(name)
      continue
    }
    model.set(name, toField(product, `${modelName}${name}`, shape))
  }
}

function toField(product, modelName, shape) {
  const field = { required: false, encoding: 'flat', body: false }
  if (shape.$json) return { ...toField(product, modelName, shape.$json), encoding: 'json' }
  if (shape.$simple) return { ...toField(product, modelName, shape.$simple), encoding: 'simple' }
  if (shape.$required) return { ...toField(product, modelName, shape.$required), required: true }
  if (typeof shape === 'string') field.required = shape.endsWith('!')
  return { ...field, type: toType(product, modelName, shape) }
}

function toType(product, modelName, shape) {
  if (Array.isArray(shape)) return { kind: 'array', item: toType(product, modelName, shape[0]) }
  if (typeof shape === 'object' && shape.$map) return { kind: 'map', value: toType(product, modelName, shape.$map) }
  if (typeof shape === 'object') {
    product.models.set(modelName, new Map())
    mergeStruct(product, modelName, shape)
    return { kind: 'struct', model: modelName }
  }
  const kind = shape.replace(/!$/, '')
  if (!['string', 'number', 'boolean', 'any'].includes(kind)) throw new Error(`unknown shape ${shape} at ${modelName}`)
  return { kind }
}
