/** Something the operator can mend; told without a stack trace. The message says what to do next. */
export class CliError extends Error {}
