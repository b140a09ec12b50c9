import type { ActionMeta } from '@pileus/contract/contract'
import type { Shape } from '@pileus/contract/shape'

/** The fewest flat parameters with which a call of this action decodes; the values mean nothing. */
export function minimalParameters(meta: ActionMeta): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (const field of meta.request.fields.values()) {
    if (!field.required || field.name === 'RegionId') continue
    if (field.encoding === 'json') parameters[field.name] = field.shape.kind === 'array' ? '[]' : '{}'
    else fill(field.name, field.shape, parameters)
  }
  return parameters
}

function fill(name: string, shape: Shape, into: Record<string, string>): void {
  switch (shape.kind) {
    case 'number':
      into[name] = '1'
      break
    case 'boolean':
      into[name] = 'true'
      break
    case 'array':
      fill(`${name}.1`, shape.item, into)
      break
    case 'struct': {
      const fields = [...shape.fields.values()]
      const required = fields.filter((field) => field.required)
      // An empty struct cannot travel: its first field stands for it.
      for (const field of required.length > 0 ? required : fields.slice(0, 1)) {
        fill(`${name}.${field.name}`, field.shape, into)
      }
      break
    }
    default:
      into[name] = 'x'
  }
}
