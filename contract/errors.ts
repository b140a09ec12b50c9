export interface Expectation {
  readonly template: string
  readonly facts: Readonly<Record<string, string | number>>
}

/** The two ways in which a call breaks the contract; the gateway answers them with HTTP 400. */
export class ContractError extends Error {
  readonly code: 'MissingParameter' | 'InvalidParameter'
  /** Wire name, `Tag.1.Key`; at most 200 characters. */
  readonly parameter: string
  /** Completes "it must be …", in English with the facts as `{name}`. Undefined when the parameter is missing. */
  readonly expected: Expectation | undefined

  constructor(code: ContractError['code'], parameter: string, expected: Expectation | undefined) {
    super(expected === undefined ? `${parameter} is missing` : `${parameter} must be ${expected.template}`)
    this.name = 'ContractError'
    this.code = code
    this.parameter = parameter
    this.expected = expected
  }

  static missing(parameter: string): ContractError {
    return new ContractError('MissingParameter', parameter.slice(0, 200), undefined)
  }

  /** `template` completes "it must be …". */
  static invalid(parameter: string, template: string, facts: Expectation['facts'] = {}): ContractError {
    return new ContractError('InvalidParameter', parameter.slice(0, 200), { template, facts })
  }
}
