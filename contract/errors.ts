/** The two ways in which a call breaks the contract; the gateway answers them with HTTP 400. */
export class ContractError extends Error {
  readonly code: 'MissingParameter' | 'InvalidParameter'
  /** Wire name, `Tag.1.Key`; at most 200 characters. */
  readonly parameter: string

  constructor(code: ContractError['code'], parameter: string, message: string) {
    super(message)
    this.name = 'ContractError'
    this.code = code
    this.parameter = parameter
  }

  /** The message is the vendor's. */
  static missing(parameter: string): ContractError {
    const shown = parameter.slice(0, 200)
    return new ContractError(
      'MissingParameter',
      shown,
      `The input parameter "${shown}" that is mandatory for processing this request is not supplied.`,
    )
  }

  /** `expected` completes "it must be …". */
  static invalid(parameter: string, expected: string): ContractError {
    const shown = parameter.slice(0, 200)
    return new ContractError(
      'InvalidParameter',
      shown,
      `The specified parameter "${shown}" is not valid: it must be ${expected}.`,
    )
  }
}
