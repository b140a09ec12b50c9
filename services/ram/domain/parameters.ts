/** Checks of parameters. Codes carry the parameter's name, as the vendor's do. */
import { type ApiError, apiError, commonErrors } from '@pileus/kernel/errors'

interface NameRule {
  max: number
  pattern: RegExp
  /** What `pattern` allows, for the message. */
  allowed: string
}

const nameRules = {
  UserName: { max: 64, pattern: /^[\w.-]+$/, allowed: 'letters, digits, periods, hyphens and underscores' },
  GroupName: { max: 64, pattern: /^[\w.-]+$/, allowed: 'letters, digits, periods, hyphens and underscores' },
  RoleName: { max: 64, pattern: /^[\w.-]+$/, allowed: 'letters, digits, periods, hyphens and underscores' },
  VirtualMFADeviceName: { max: 64, pattern: /^[\w.-]+$/, allowed: 'letters, digits, periods, hyphens and underscores' },
  PolicyName: { max: 128, pattern: /^[A-Za-z0-9-]+$/, allowed: 'letters, digits and hyphens' },
} as const satisfies Record<string, NameRule>

/** The value, which must be there. @throws MissingParameter */
export function requireParameter(parameter: string, value: string | undefined): string {
  if (value === undefined || value === '') throw apiError(commonErrors.MissingParameter, { parameter })
  return value
}

/** The name of something to be made. @throws MissingParameter, InvalidParameter.<Parameter>.Length or .InvalidChars */
export function parseName(kind: keyof typeof nameRules, value: string | undefined, parameter: string = kind): string {
  const rule = nameRules[kind]
  const name = requireParameter(parameter, value)
  if (name.length > rule.max) throw tooLong(parameter, rule.max)
  if (!rule.pattern.test(name)) {
    throw invalid(`${parameter}.InvalidChars`, `The parameter "${parameter}" may hold ${rule.allowed} only.`)
  }
  return name
}

/** Free text, empty when absent. @throws InvalidParameter.<Parameter>.Length */
export function parseText(parameter: string, value: string | undefined, max: number): string {
  const text = value ?? ''
  if (text.length > max) throw tooLong(parameter, max)
  return text
}

/** @throws InvalidParameter.AccountAlias… */
export function parseAlias(value: string | undefined): string {
  const alias = requireParameter('AccountAlias', value)
  if (alias.length < 3 || alias.length > 32) {
    throw invalid('AccountAlias.Length', 'The parameter "AccountAlias" must have 3 to 32 characters.')
  }
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(alias)) {
    const rule = 'lower-case letters, digits and single hyphens, which neither begin nor end it'
    throw invalid('AccountAlias.InvalidChars', `The parameter "AccountAlias" may hold ${rule} only.`)
  }
  return alias
}

/** Seconds of the longest session of a role, 3600 when absent. @throws InvalidParameter.MaxSessionDuration */
export function parseMaxSessionSeconds(parameter: string, value: number | undefined): number {
  const seconds = value ?? 3_600
  if (!Number.isInteger(seconds) || seconds < 3_600 || seconds > 43_200) {
    throw invalid('MaxSessionDuration', `The parameter "${parameter}" must be 3600 to 43200, and is ${seconds}.`)
  }
  return seconds
}

function tooLong(parameter: string, max: number): ApiError {
  return invalid(`${parameter}.Length`, `The parameter "${parameter}" must have 1 to ${max} characters.`)
}

function invalid(what: string, message: string): ApiError {
  return apiError({ code: `InvalidParameter.${what}`, httpStatus: 400, message })
}

/** A password for the console. @throws MissingParameter, InvalidParameter.Password.Length or .InvalidChars */
export function parsePassword(value: string | undefined): string {
  const password = requireParameter('Password', value)
  if (password.length < 8 || password.length > 32) {
    throw invalid('Password.Length', 'The parameter "Password" must have 8 to 32 characters.')
  }
  if (!/^[\x21-\x7e]+$/.test(password)) {
    throw invalid('Password.InvalidChars', 'The parameter "Password" may hold printable ASCII without spaces only.')
  }
  return password
}
