/** Reads the arguments of one action: `resize,m_fill,w_100` has named ones, `rotate,90` a bare one. */
import { say, type Text } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import type { Color } from './steps.ts'

export class StepArguments {
  readonly action: string
  readonly #named = new Map<string, string>()
  #bare: string | undefined
  constructor(action: string, parts: readonly string[], names: readonly string[]) {
    this.action = action
    // Clients leave a comma at the end.
    for (const part of parts.filter((one) => one !== '')) {
      const bar = part.indexOf('_')
      const name = bar === -1 ? '' : part.slice(0, bar)
      if (bar !== -1 && names.includes(name)) this.#named.set(name, part.slice(bar + 1))
      else if (bar === -1 && names.includes('') && this.#bare === undefined) this.#bare = part
      else throw this.refuse(part, say`"${part.slice(0, 50)}" is not one of its parameters`)
    }
  }

  has(name: string): boolean {
    return this.#named.has(name)
  }

  /** The bare argument. */
  bare(least: number, most: number): number {
    return this.#number('its value', this.#bare, least, most)
  }

  text(name: string): string | undefined {
    return this.#named.get(name)
  }

  find(name: string, least: number, most: number): number | undefined {
    return this.has(name) ? this.#number(name, this.text(name), least, most) : undefined
  }

  number(name: string, least: number, most: number, otherwise: number): number {
    return this.find(name, least, most) ?? otherwise
  }

  choice<const T extends string>(name: string, accepted: readonly T[], otherwise: T): T {
    const text = this.text(name) ?? otherwise
    const found = accepted.find((one) => one === text)
    if (found === undefined) throw this.refuse(text, say`${name} must be one of ${accepted.join(', ')}`)
    return found
  }

  /** Six hex digits. */
  color(name: string, otherwise: Color): Color {
    const text = this.text(name)
    if (text === undefined) return otherwise
    if (!/^[0-9a-fA-F]{6}$/.test(text)) throw this.refuse(text, say`${name} must be six hex digits`)
    const value = Number.parseInt(text, 16)
    return { r: value >> 16, g: (value >> 8) & 255, b: value & 255 }
  }

  /** Text in URL-safe base64. */
  decoded(name: string): string | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const decoded = decodeBase64Url(text)
    if (decoded === undefined || decoded === '')
      throw this.refuse(text, say`${name} must be URL-safe base64 of UTF-8 text`)
    return decoded
  }

  refuse(value: string, reason: Text) {
    return invalid('x-oss-process', value, say`The image action ${this.action} is not valid: ${reason}.`)
  }

  #number(name: string, text: string | undefined, least: number, most: number): number {
    const value = text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw this.refuse(text ?? '', say`${name} must be a whole number from ${least} to ${most}`)
  }
}

/** Undefined when it is no URL-safe base64, or not of UTF-8 without NUL. */
function decodeBase64Url(text: string): string | undefined {
  if (!/^[\w-]*={0,2}$/.test(text)) return undefined
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64url'))
    return decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}
