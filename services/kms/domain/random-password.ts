import { randomInt } from 'node:crypto'
import { say } from '@pileus/kernel/messages/text'
import { invalid, isTrue } from './parameters.ts'

const lowercase = 'abcdefghijklmnopqrstuvwxyz'
const uppercase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const numbers = '0123456789'
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

export interface PasswordRules {
  length: number
  /** Each is a kind of character. */
  kinds: readonly string[]
  /** Whether each kind must occur. */
  needsEach: boolean
}

/** 32 characters of every kind when the request says nothing. @throws InvalidParameter */
export function parsePasswordRules(request: {
  PasswordLength?: string | undefined
  ExcludeCharacters?: string | undefined
  ExcludeLowercase?: string | undefined
  ExcludeUppercase?: string | undefined
  ExcludeNumbers?: string | undefined
  ExcludePunctuation?: string | undefined
  RequireEachIncludedType?: string | undefined
}): PasswordRules {
  const length = Number(request.PasswordLength || 32)
  if (!Number.isInteger(length) || length < 8 || length > 128)
    throw invalid('PasswordLength', say`it must be 8 to 128.`)
  const excluded = request.ExcludeCharacters ?? ''
  const kinds = [
    ...(isTrue(request.ExcludeLowercase) ? [] : [lowercase]),
    ...(isTrue(request.ExcludeUppercase) ? [] : [uppercase]),
    ...(isTrue(request.ExcludeNumbers) ? [] : [numbers]),
    ...(isTrue(request.ExcludePunctuation) ? [] : [punctuation]),
  ]
    .map((kind) => [...kind].filter((character) => !excluded.includes(character)).join(''))
    .filter((kind) => kind !== '')
  if (kinds.length === 0) throw invalid('ExcludeCharacters', say`no character is left for the password.`)
  return { length, kinds, needsEach: request.RequireEachIncludedType?.toLowerCase() !== 'false' }
}

export function makePassword({ length, kinds, needsEach }: PasswordRules): string {
  const pick = (from: string): string => from[randomInt(from.length)]!
  const all = kinds.join('')
  const characters = Array.from({ length }, (_, index) => pick(needsEach ? (kinds[index] ?? all) : all))
  for (let index = characters.length - 1; index > 0; index--) {
    const other = randomInt(index + 1)
    const [a, b] = [characters[index]!, characters[other]!]
    characters[index] = b
    characters[other] = a
  }
  return characters.join('')
}
