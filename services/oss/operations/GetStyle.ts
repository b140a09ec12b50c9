import { objectError } from '@pileus/kernel/object-protocol'
import { describeStyle, findStyle } from '../domain/styles.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

export const GetStyle = onBucket({
  name: 'GetStyle',
  route: { method: 'GET', subresources: ['style', 'styleName'] },
  permission: 'oss:GetStyle',
  async run({ bucket }, { query }) {
    const name = query.get('styleName') ?? ''
    const style = findStyle(bucket, name)
    if (!style) throw objectError(errors.NoSuchStyle, { facts: { name: name.slice(0, 63) } })
    return { status: 200, body: { kind: 'xml', root: 'Style', value: describeStyle(name, style) } }
  },
})
