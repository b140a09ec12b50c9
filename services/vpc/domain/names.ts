/** Rules for names and descriptions. The VPC product and the ECS product differ in them. */

import { apiError, type ErrorKind } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'

const url = /^https?:\/\//

/** Up to 128 characters, not beginning with http:// or https://; absent means ''. */
export function parseName(value: string | undefined, kind: ErrorKind): string {
  return checked(value, kind, { min: 0, max: 128 })
}

/** Up to 256 characters, not beginning with http:// or https://; absent means ''. */
export function parseDescription(value: string | undefined, kind: ErrorKind): string {
  return checked(value, kind, { min: 0, max: 256 })
}

/** As ECS wants names: 2 to 128 characters that begin with a letter; absent or empty means ''. */
export function parseEcsName(value: string | undefined, kind: ErrorKind): string {
  const name = checked(value, kind, { min: 2, max: 128 })
  if (name !== '' && !/^\p{L}/u.test(name)) throw fault(kind, name, say`it must begin with a letter`)
  return name
}

/** As ECS wants descriptions: 2 to 256 characters; absent or empty means ''. */
export function parseEcsDescription(value: string | undefined, kind: ErrorKind): string {
  return checked(value, kind, { min: 2, max: 256 })
}

function checked(value: string | undefined, kind: ErrorKind, limits: { min: number; max: number }): string {
  if (value === undefined || value === '') return ''
  const length = [...value].length
  if (length < limits.min || length > limits.max) {
    throw fault(kind, value, say`it must have ${limits.min || 1} to ${limits.max} characters, and has ${length}`)
  }
  if (url.test(value)) throw fault(kind, value, say`it must not begin with http:// or https://`)
  return value
}

function fault(kind: ErrorKind, value: string, reason: Text) {
  return apiError(kind, { value: value.slice(0, 40), reason })
}
