import pino from 'pino'

/** Structured log. Customers' secrets never go in; `cause` of an error does. */
export type Log = pino.Logger

/** Logs JSON lines to `file`, or to standard error when there is none. */
export function createLog(options: { name: string; level?: string; file?: string }): Log {
  const level = options.level ?? process.env['PILEUS_LOG_LEVEL'] ?? 'info'
  const destination = options.file
    ? pino.destination({ dest: options.file, mkdir: true, sync: true })
    : pino.destination({ dest: 2, sync: true })
  return pino({ name: options.name, level, base: { name: options.name } }, destination)
}

export const silentLog: Log = pino({ level: 'silent' })
