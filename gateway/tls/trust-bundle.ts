/**
 * A bundle of our authority and the system's.
 *
 * `SSL_CERT_FILE` and its like replace the roots a client trusts. A client that should reach this cloud and the rest
 * of the world needs both in one file.
 */
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { effect } from '@pileus/kernel/effects'

/** Where systems keep their roots: Debian and Arch, Fedora, older Fedora and OpenSUSE, then Alpine, BSD and macOS. */
const systemRootFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const

async function findFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

/** The system's roots as PEM text, or the ones that came with Node where the system keeps none in a known place. */
export async function systemRoots(files: readonly string[] = systemRootFiles): Promise<string> {
  for (const file of files) {
    const text = await findFile(file)
    if (text?.includes('-----BEGIN CERTIFICATE-----')) return text
  }
  return rootCertificates.join('\n')
}

/** Makes `bundleFile` hold our authority and the system's roots as they are now. */
export async function ensureTrustBundle(bundleFile: string, authority: string): Promise<void> {
  const wanted = `${authority.trimEnd()}\n${(await systemRoots()).trimEnd()}\n`
  if ((await findFile(bundleFile)) === wanted) return
  await effect('write the trust bundle', async () => {
    const unfinished = `${bundleFile}.${randomBytes(6).toString('hex')}.tmp`
    try {
      await writeFile(unfinished, wanted, { mode: 0o644, flag: 'wx' })
      await rename(unfinished, bundleFile)
    } catch (cause) {
      await rm(unfinished, { force: true })
      throw new Error(`writing ${bundleFile}`, { cause })
    }
  })
}
