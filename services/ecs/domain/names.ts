/** Rules of names and texts that customers choose. */

import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'

/** 2 to 128 characters, a letter (any script) first; not beginning with http:// or https://. */
export function checkInstanceName(name: string): void {
  const reason = nameFault(name)
  if (reason) throw apiError(errors['InvalidInstanceName.Malformed'], { reason })
}

/** Undefined when the name is fine, else why not. */
export function nameFault(name: string): Text | undefined {
  const { length } = [...name]
  if (length < 2 || length > 128) return say`it must have 2 to 128 characters, and has ${length}.`
  if (/^https?:\/\//i.test(name)) return say`it must not begin with http:// or https://.`
  if (!/^\p{L}/u.test(name)) return say`it must begin with a letter.`
  if (!/^[\p{L}\p{N}._:,[\]-]+$/u.test(name)) return say`letters, digits, ".", "_", ":", "," and "-" only.`
  return undefined
}

/** At most 256 characters, not beginning with http:// or https://. */
export function checkDescription(description: string): void {
  if ([...description].length > 256) {
    throw apiError(errors['InvalidDescription.Malformed'], { reason: say`at most 256 characters.` })
  }
  if (/^https?:\/\//i.test(description)) {
    throw apiError(errors['InvalidDescription.Malformed'], {
      reason: say`it must not begin with http:// or https://.`,
    })
  }
}

/** 2 to 64 characters: parts of letters, digits and hyphens, joined by single dots. */
export function checkHostName(hostName: string): void {
  if (hostName.length < 2 || hostName.length > 64) {
    throw apiError(errors['InvalidHostName.Malformed'], {
      reason: say`2 to 64 characters; "${hostName}" has ${hostName.length}.`,
    })
  }
  const parts = hostName.split('.')
  if (!parts.every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(part) && !part.includes('--'))) {
    throw apiError(errors['InvalidHostName.Malformed'], {
      reason: say`"${hostName}" must be parts of letters, digits and single hyphens, joined by single dots.`,
    })
  }
}

const pattern = /^(.*)\[(\d{0,7}),?(\d{0,1})\](.*)$/

/**
 * Names of `count` things made together. `web[7,4]` numbers them `web0007`, `web0008`, …; without such a place,
 * `uniqueSuffix` appends `001`, `002`, …, and otherwise all have the same name.
 */
export function expandName(name: string, count: number, uniqueSuffix: boolean): string[] {
  const match = pattern.exec(name)
  const begin = match ? Number(match[2] || '0') : 1
  if (match && begin <= 999_999 && Number(match[3] || '6') <= 6) {
    const asked = Number(match[3] || '6') || 6
    const digits = String(begin).length > asked ? 6 : asked
    return Array.from({ length: count }, (_, i) => `${match[1]}${String(begin + i).padStart(digits, '0')}${match[4]}`)
  }
  if (uniqueSuffix && count > 1) {
    return Array.from({ length: count }, (_, i) => `${name}${String(i + 1).padStart(3, '0')}`)
  }
  return Array.from({ length: count }, () => name)
}

/** The host name of an instance whose customer gave none, in the vendor's form. */
export function defaultHostName(instanceId: string): string {
  return `iZ${instanceId.slice(2)}Z`
}
