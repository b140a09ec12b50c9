import { describeStyle } from '../domain/styles.ts'
import { onBucket } from '../operation.ts'

export const ListStyle = onBucket({
  name: 'ListStyle',
  route: { method: 'GET', subresources: ['style'] },
  permission: 'oss:ListStyle',
  async run({ bucket }) {
    const styles = Object.entries(bucket.settings.styles ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const value = { Style: styles.map(([name, style]) => describeStyle(name, style)) }
    return { status: 200, body: { kind: 'xml', root: 'StyleList', value } }
  },
})
