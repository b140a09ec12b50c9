/** Sends requests as they are: clients tidy up what is odd. */
import { request } from 'node:http'

export interface Answer {
  status: number
  /** Of an error. */
  code: string | undefined
  text: string
}

/** Errors are answers too. */
export type Send = (
  method: string,
  path: string,
  what?: { headers?: Record<string, string>; body?: string | Buffer },
) => Promise<Answer>

export function sender(port: number): Send {
  return (method, path, { headers = {}, body = '' } = {}) =>
    new Promise((resolve, reject) => {
      const length = body.length > 0 ? { 'content-length': String(Buffer.byteLength(body)) } : {}
      const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...length, ...headers } }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const error = answer.headers['x-oss-err']
          const xml = typeof error === 'string' ? Buffer.from(error, 'base64').toString() : text
          resolve({ status: answer.statusCode ?? 0, code: /<Code>(\w+)/.exec(xml)?.[1], text })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
}
