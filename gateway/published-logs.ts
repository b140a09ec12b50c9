/**
 * Shows the audit logs to everybody: checkpoints, keys and the hashes of the tree, and where an event is. Entries tell
 * of all customers, so they are not shown; whoever has an event can prove it with the hashes.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'

export interface PublishedLogs {
  /** Holds a folder per region. */
  directory: string
  findPlace(regionId: string, eventId: string): Promise<number | undefined>
}

/** No bucket's name begins with a dot. */
const prefix = '/.pileus/audit/'

const filePath = /^([a-z0-9-]{1,64})\/(checkpoint|verifier-key|tile\/\d{1,2}\/(?:x\d{3}\/){0,5}\d{3}(?:\.p\/\d{1,3})?)$/
const placePath = /^([a-z0-9-]{1,64})\/events\/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/

/** Answers for logs, and leaves every other request to `next`. */
export function withPublishedLogs(next: RequestListener, logs: PublishedLogs): RequestListener {
  return (incoming, outgoing) => {
    const { url = '', method } = incoming
    if (!url.startsWith(prefix)) return next(incoming, outgoing)
    incoming.resume()
    if (method !== 'GET' && method !== 'HEAD') return end(outgoing, 405, 'Logs are only read.\n')
    const path = url.slice(prefix.length)
    const place = placePath.exec(path)
    const file = filePath.exec(path)
    const answered = place
      ? answerPlace(outgoing, logs, place[1] ?? '', place[2] ?? '')
      : file
        ? answerFile(outgoing, logs.directory, path, method === 'HEAD')
        : Promise.resolve(
            end(outgoing, 404, 'A log has checkpoint, verifier-key, tile/<level>/<index> and events/<id>.\n'),
          )
    answered.catch(() => (outgoing.headersSent ? outgoing.destroy() : end(outgoing, 500, 'The log cannot be read.\n')))
  }
}

async function answerPlace(outgoing: ServerResponse, logs: PublishedLogs, regionId: string, eventId: string) {
  const index = await logs.findPlace(regionId, eventId)
  if (index === undefined) return end(outgoing, 404, 'No event of this id has its place in this log.\n')
  end(outgoing, 200, `${index}\n`)
}

async function answerFile(outgoing: ServerResponse, directory: string, path: string, isHead: boolean) {
  const file = join(directory, path)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return end(outgoing, 404, 'The log has no such file.\n')
  const isTile = path.includes('/tile/')
  outgoing.writeHead(200, {
    'content-type': isTile ? 'application/octet-stream' : 'text/plain; charset=utf-8',
    'content-length': String(found.size),
    // Tiles never change; checkpoints do all the time.
    'cache-control': isTile ? 'public, max-age=31536000, immutable' : 'no-store',
  })
  if (isHead) outgoing.end()
  else
    createReadStream(file, { end: Math.max(0, found.size - 1) })
      .on('error', () => outgoing.destroy())
      .pipe(outgoing)
}

function end(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
  })
  outgoing.end(text)
}
