import { randomBytes } from 'node:crypto'

/** A version id as customers see it: 64 characters that need no encoding. */
export function newVersionId(): string {
  return `CAEQ${randomBytes(30).toString('hex')}`
}
