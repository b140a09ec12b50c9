import { renameSync, statSync } from 'node:fs'
import pino from 'pino'

/** Structured log. Customers' secrets never go in; `cause` of an error does. */
export type Log = pino.Logger

const maxFileBytes = 32 * 1024 * 1024
const keptFiles = 4

/**
 * Logs JSON lines to `file`, or to standard error when there is none. A file that grows past `maxBytes` is kept as
 * `<file>.1`, the ones before it as `.2` to `.4`.
 */
export function createLog(options: { name: string; level?: string; file?: string; maxBytes?: number }): Log {
  const level = options.level ?? process.env['PILEUS_LOG_LEVEL'] ?? 'info'
  const destination = options.file
    ? rotatingFile(options.file, options.maxBytes ?? maxFileBytes)
    : pino.destination({ dest: 2, sync: true })
  return pino({ name: options.name, level, base: { name: options.name } }, destination)
}

export const silentLog: Log = pino({ level: 'silent' })

function rotatingFile(file: string, maxBytes: number): pino.DestinationStream {
  const stream = pino.destination({ dest: file, mkdir: true, sync: true })
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return {
    write(line) {
      stream.write(line)
      size += Buffer.byteLength(line)
      if (size < maxBytes) return
      for (let n = keptFiles - 1; n >= 1; n -= 1) keep(`${file}.${n}`, `${file}.${n + 1}`)
      keep(file, `${file}.1`)
      stream.reopen(file)
      size = 0
    },
  }
}

/** Another process that writes the same log may have renamed it first. */
function keep(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
