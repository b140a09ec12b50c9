import type { Bucket, ImageStyle } from './bucket.ts'
import { headerTime } from './times.ts'

/** A saved chain of image operations of the bucket. */
export function findStyle({ settings }: Pick<Bucket, 'settings'>, name: string): ImageStyle | undefined {
  return settings.styles && Object.hasOwn(settings.styles, name) ? settings.styles[name] : undefined
}

export function describeStyle(name: string, style: ImageStyle): object {
  return {
    Name: name,
    Content: style.content,
    Category: style.category,
    CreateTime: headerTime(new Date(style.createdAt)),
    LastModifyTime: headerTime(new Date(style.modifiedAt)),
  }
}
