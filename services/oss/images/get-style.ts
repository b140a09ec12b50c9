import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import type { KeyContext } from '../operation.ts'

/** What the bucket's style says, such as `image/resize,w_100`. @throws NoSuchStyle */
export function getStyle({ bucket }: KeyContext, name: string): string {
  const styles = bucket.settings.styles
  const style = styles !== undefined && Object.hasOwn(styles, name) ? styles[name] : undefined
  if (!style) throw objectError(errors.NoSuchStyle, { facts: { name: name.slice(0, 64) } })
  return style.content
}
