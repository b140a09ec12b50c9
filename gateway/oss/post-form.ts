/** Uploads by HTML forms: fields, a policy that the form's author signed, and then the file, which streams. */

import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import createParser from 'busboy'
import { sendContinue } from '../expect-continue.ts'
import { ossErrors } from './errors.ts'

export interface PostForm {
  /** Names in lower case; those behind the file do not count. */
  fields: ReadonlyMap<string, string>
  file: AsyncIterable<Uint8Array>
  /** What the policy allows the file to have; set once the policy is checked. */
  minBytes: number
  maxBytes: number
  /** Reads on to the end without keeping anything. */
  discard(): void
}

const limits = { fields: 200, fieldSize: 64 * 1024, files: 1, headerPairs: 50 }

export function isPostForm({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    headers.authorization === undefined &&
    /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')
  )
}

/** Reads up to the file. @throws InvalidArgument, IncorrectNumberOfFilesInPOSTRequest */
export function readPostForm(incoming: IncomingMessage): Promise<PostForm> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    const refuse = (reason: Text, cause?: unknown): void => {
      incoming.unpipe()
      incoming.resume()
      reject(objectError(ossErrors.InvalidArgument, { facts: { reason }, cause }))
    }
    let parser: ReturnType<typeof createParser>
    try {
      parser = createParser({ headers: incoming.headers, limits, defParamCharset: 'utf8' })
    } catch (error) {
      refuse(say`The form is not valid multipart/form-data.`, error)
      return
    }
    let hasBegun = false
    const begin = (stream: Readable, filename: string): void => {
      if (hasBegun) {
        stream.resume()
        return
      }
      hasBegun = true
      const key = fields.get('key')
      // Some browsers send the whole path.
      const last = filename.split(/[\\/]/).at(-1) ?? ''
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the form's own placeholder
      if (key !== undefined) fields.set('key', key.replaceAll('${filename}', last))
      const form: PostForm = {
        fields,
        file: bounded(stream, () => form),
        minBytes: 0,
        maxBytes: Number.POSITIVE_INFINITY,
        discard: () => stream.on('error', () => {}).resume(),
      }
      resolve(form)
    }
    // The parser's types promise a name that the form need not give.
    parser.on('field', (name: string | undefined, value, info) => {
      if (hasBegun) return
      if (!name) refuse(say`A field has no name.`)
      else if (info.valueTruncated) refuse(say`The field "${name.slice(0, 100)}" is too long.`)
      else if (name !== 'file') fields.set(name.toLowerCase(), value)
      // Without a filename it comes as text.
      else if (value.includes('\ufffd')) refuse(say`The field "file" is not text; give it a filename.`)
      else begin(Readable.from([Buffer.from(value)]), '')
    })
    parser.on('file', (_name, stream, { filename }) => begin(stream, filename ?? ''))
    parser.on('error', (error) => refuse(say`The form is not valid multipart/form-data.`, error))
    parser.on('close', () => {
      // Nothing happens here once there was a file.
      reject(objectError(ossErrors.IncorrectNumberOfFilesInPOSTRequest))
    })
    incoming.on('error', (error) => parser.destroy(error))
    sendContinue(incoming)
    incoming.pipe(parser)
  })
}

async function* bounded(stream: Readable, form: () => PostForm): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > form().maxBytes) break
      yield chunk
    }
  } catch (error) {
    throw objectError(ossErrors.IncompleteBody, { cause: error })
  }
  if (size > form().maxBytes) throw objectError(ossErrors.EntityTooLarge, { facts: { limit: form().maxBytes } })
  if (size < form().minBytes) throw objectError(ossErrors.EntityTooSmall, { facts: { limit: form().minBytes } })
}

/** When the policy stops being good. @throws InvalidPolicyDocument */
export function readExpiration(policy: string): Date {
  const { expiration } = parsePolicy(policy)
  const at = typeof expiration === 'string' ? new Date(expiration) : undefined
  if (!at || Number.isNaN(at.getTime())) throw malformed(say`it has no valid expiration.`)
  return at
}

/** Fields that the policy need not mention. */
const exempt = new Set(['policy', 'signature', 'ossaccesskeyid', 'x-oss-signature', 'file'])

/**
 * Checks every condition of the policy against the form, and sets how large the file may be.
 * @throws InvalidPolicyDocument, AccessDenied that names the condition
 */
export function checkPolicy(policy: string, form: PostForm, bucket: string): void {
  const { conditions } = parsePolicy(policy)
  if (!Array.isArray(conditions)) throw malformed(say`it has no conditions.`)
  for (const condition of conditions.flatMap(normalise)) {
    const [operator, name, value] = condition
    if (operator === 'content-length-range') {
      if (typeof name !== 'number' || typeof value !== 'number')
        throw malformed(say`content-length-range needs two numbers.`)
      form.minBytes = Math.max(form.minBytes, name)
      form.maxBytes = Math.min(form.maxBytes, value)
      continue
    }
    const field = String(name).replace(/^\$/, '').toLowerCase()
    const actual = field === 'bucket' ? bucket : (form.fields.get(field) ?? '')
    if (exempt.has(field) || holds(operator, actual, value)) continue
    const reason = `Invalid according to Policy: Policy Condition failed: ${JSON.stringify(condition).slice(0, 300)}`
    throw objectError(ossErrors.AccessDenied, { facts: { reason } })
  }
}

type Condition = [operator: unknown, name: unknown, value: unknown]

/** `{"bucket": "b"}` is short for `["eq", "$bucket", "b"]`. */
function normalise(condition: unknown): Condition[] {
  if (Array.isArray(condition) && condition.length === 3) return [condition as Condition]
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) {
    throw malformed(say`a condition is neither an object nor a list of three.`)
  }
  return Object.entries(condition).map(([name, value]) => ['eq', `$${name}`, value])
}

function holds(operator: unknown, actual: string, value: unknown): boolean {
  switch (operator) {
    case 'eq':
      return actual === String(value)
    case 'starts-with':
      return actual.startsWith(String(value))
    case 'in':
      return Array.isArray(value) && value.includes(actual)
    case 'not-in':
      return Array.isArray(value) && !value.includes(actual)
    default:
      throw malformed(say`the operator ${JSON.stringify(operator)?.slice(0, 50)} is not known.`)
  }
}

function parsePolicy(policy: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(policy, 'base64').toString('utf8'))
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>
  } catch {
    // Refused below.
  }
  throw malformed(say`it is not a JSON object in base64.`)
}

function malformed(reason: Text) {
  return objectError(ossErrors.InvalidPolicyDocument, { facts: { reason } })
}
