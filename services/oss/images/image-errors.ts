import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'

export function tooManyPixels(limit: number) {
  return objectError(errors.ImageTooLarge, { facts: { reason: say`${limit} pixels are allowed for what is asked.` } })
}

export function tooSlow(cause?: unknown) {
  return objectError(errors.ImageTooLarge, { facts: { reason: say`what is asked takes too long.` }, cause })
}

/** What the image library says of bytes that it cannot read, in words for the customer. */
export function unreadable(cause: unknown) {
  const said = cause instanceof Error ? cause.message : ''
  if (/exceeds pixel limit/i.test(said))
    return objectError(errors.ImageTooLarge, { facts: { reason: say`it has too many pixels.` }, cause })
  if (/timeout/i.test(said)) return tooSlow(cause)
  const reason = 'The object is not an image that can be read. JPG, PNG, WebP, GIF, TIFF and AVIF can be.'
  return objectError(errors.InvalidArgument, { facts: { reason }, cause })
}
