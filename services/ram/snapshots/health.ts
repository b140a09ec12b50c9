import type { SecretBox } from '@pileus/kernel/secret-box'
import { compilePolicy } from '../domain/policy/evaluate.ts'
import type { Snapshot } from './snapshot.ts'

/** How many secrets are opened; each costs little, but an installation may have a million. */
const sampledSecrets = 50

/** Why a region could not serve from the snapshot; undefined when it can: its secrets open, its policies are read. */
export function findSnapshotFault(secretBox: SecretBox, { credentials, policies }: Snapshot): string | undefined {
  const every = Math.max(1, Math.floor(credentials.size / sampledSecrets))
  let index = 0
  for (const [accessKeyId, { sealedSecret }] of credentials) {
    if (index++ % every !== 0) continue
    try {
      secretBox.open(sealedSecret, accessKeyId)
    } catch {
      return `the secret of the access key ${accessKeyId} does not open here`
    }
  }
  const documents = new Set([...policies.values()].flat().flatMap(({ document }) => document ?? []))
  for (const document of documents) {
    try {
      compilePolicy(document)
    } catch (error) {
      return `a policy cannot be read: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return undefined
}
