import { request } from 'node:http'
import { controlSocket } from './paths.ts'

/** Asks a running control plane; undefined when none answers. */
export async function askControlPlane<T>(
  dataDir: string,
  path: string,
  body: unknown = {},
  timeoutMs = 5_000,
): Promise<T | undefined> {
  const text = JSON.stringify(body)
  return await new Promise<T | undefined>((done, fail) => {
    const call = request(
      { socketPath: controlSocket(dataDir), path, method: 'POST', timeout: timeoutMs },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'))
          if (response.statusCode === 200) done(answer)
          else fail(new Error(answer.error ?? `the control plane answered ${response.statusCode}`))
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error('the control plane does not answer in time')))
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') done(undefined)
      else fail(error)
    })
    call.end(text)
  })
}
