import { implementedOssOperations } from './operations.ts'

/** The section of docs/parity.md about object storage, whose API is in no SDK's contract. */
export function renderOssParity(): string {
  const names = implementedOssOperations.map((name) => `\`${name}\``).join(', ')
  return `## Object storage

${implementedOssOperations.length} operations: ${names}.

Signatures: OSS versions 1, 2 and 4 in headers and URLs, S3 versions 2 and 4 in headers and URLs, S3's signed and unsigned
chunks, session tokens, anonymous access by ACL and policy. Everything else answers \`NotImplemented\` with its name.
`
}
