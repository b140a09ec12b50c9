import { execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, createServer as createRawTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { ManualClock } from '@pileus/kernel/clock'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuthorityUnusableError } from './authority-files.ts'
import { ensureCertificateAuthority, NameNotPermittedError } from './certificate-authority.ts'
import { createAuthorityPair, createIssuer } from './certificates.ts'
import { authorityNames } from './permitted-names.ts'
import { systemRoots } from './trust-bundle.ts'

const run = promisify(execFile)
const dayMs = 86_400_000
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'pileus-tls-'))
})

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true })
})

const inCa = (name: string) => path.join(dataDir, 'ca', name)

async function issuerOnDisk() {
  return createIssuer({
    certificate: await readFile(inCa('ca.pem'), 'utf8'),
    key: await readFile(inCa('ca-key.pem'), 'utf8'),
  })
}

async function verify(certificate: string, caFile: string): Promise<string> {
  const file = path.join(dataDir, 'leaf.pem')
  await writeFile(file, certificate)
  return run('openssl', ['verify', '-purpose', 'sslserver', '-CAfile', caFile, file]).then(
    ({ stdout }) => stdout.trim(),
    (error: { stderr: string; stdout: string }) => `${error.stdout}${error.stderr}`,
  )
}

/** Shakes hands with a server that shows this certificate; answers what the client thinks of it. */
async function askNode(pair: { certificate: string; key: string }, ca: string, servername: string): Promise<string> {
  const server = createRawTlsServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.end())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
        socket.destroy()
        resolve('trusted')
      })
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code}: ${error.message}`))
    })
  } finally {
    server.close()
  }
}

test('The first start makes an authority that later starts keep', async () => {
  const first = await ensureCertificateAuthority(dataDir)
  const certificate = await readFile(first.caFile, 'utf8')
  const second = await ensureCertificateAuthority(dataDir)
  expect(second.caFile).toBe(inCa('ca.pem'))
  expect(await readFile(second.caFile, 'utf8')).toBe(certificate)
  const parsed = new X509Certificate(certificate)
  expect(parsed.ca).toBe(true)
  expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  expect((await readdir(dataDir)).sort()).toEqual(['ca'])
  expect((await readdir(inCa(''))).sort()).toEqual(['bundle.pem', 'ca-key.pem', 'ca.pem'])
})

test('Only the owner may read the key and everyone the certificates, whatever the umask', async () => {
  const umask = process.umask(0)
  try {
    await ensureCertificateAuthority(dataDir)
  } finally {
    process.umask(umask)
  }
  const modes = await Promise.all(
    ['', 'ca-key.pem', 'ca.pem', 'bundle.pem'].map(async (name) => (await stat(inCa(name))).mode & 0o777),
  )
  expect(modes).toEqual([0o755, 0o600, 0o644, 0o644])
})

test('The name constraints are critical and hold for the permitted names only', async () => {
  const { caFile } = await ensureCertificateAuthority(dataDir, { extraNames: ['cloud.example', '10.1.2.3'] })
  const { stdout } = await run('openssl', ['x509', '-in', caFile, '-noout', '-text'])
  expect(stdout).toMatch(/X509v3 Name Constraints: critical/)
  expect(stdout).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  expect(stdout.match(/(?:DNS|IP):\S+/g)).toEqual([
    'DNS:aliyuncs.com',
    'DNS:localhost',
    'DNS:cloud.example',
    'IP:127.0.0.0/255.0.0.0',
    'IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF',
    'IP:10.1.2.3/255.255.255.255',
  ])

  const issuer = await issuerOnDisk()
  const issue = async (domains: string[], addresses: string[] = []) =>
    (await issuer.issue(domains, addresses, new Date())).certificate
  expect(await verify(await issue(['ecs.cn-hangzhou.aliyuncs.com']), caFile)).toMatch(/OK$/)
  expect(await verify(await issue(['b.oss-cn-hangzhou.aliyuncs.com'], ['127.0.0.1', '::1']), caFile)).toMatch(/OK$/)
  expect(await verify(await issue(['api.cloud.example'], ['10.1.2.3']), caFile)).toMatch(/OK$/)
  expect(await verify(await issue(['example.com']), caFile)).toMatch(/permitted subtree violation/)
  expect(await verify(await issue(['notaliyuncs.com']), caFile)).toMatch(/permitted subtree violation/)
  expect(await verify(await issue(['ecs.aliyuncs.com', 'example.com']), caFile)).toMatch(/permitted subtree violation/)
  expect(await verify(await issue([], ['10.1.2.4']), caFile)).toMatch(/permitted subtree violation/)
})

test('Node trusts a certificate for a permitted name and refuses one for another', async () => {
  const { caFile } = await ensureCertificateAuthority(dataDir)
  const ca = await readFile(caFile, 'utf8')
  const issuer = await issuerOnDisk()
  const ours = await issuer.issue(['sts.aliyuncs.com'], [], new Date())
  const foreign = await issuer.issue(['example.com'], [], new Date())
  expect(await askNode(ours, ca, 'sts.aliyuncs.com')).toBe('trusted')
  expect(await askNode(ours, ca, 'ecs.aliyuncs.com')).toMatch(/^ERR_TLS_CERT_ALTNAME_INVALID/)
  expect(await askNode(foreign, ca, 'example.com')).toMatch(/permitted subtree violation/i)
})

test('The bundle holds our authority and the roots of the system, and is brought up to date', async () => {
  const { bundleFile, caFile } = await ensureCertificateAuthority(dataDir)
  const bundle = await readFile(bundleFile, 'utf8')
  const ca = (await readFile(caFile, 'utf8')).trimEnd()
  const roots = (await systemRoots()).trimEnd()
  expect(bundle).toBe(`${ca}\n${roots}\n`)
  expect(roots.match(/BEGIN CERTIFICATE/g)!.length).toBeGreaterThan(20)
  await writeFile(bundleFile, 'something older')
  await ensureCertificateAuthority(dataDir)
  expect(await readFile(bundleFile, 'utf8')).toBe(bundle)
  const leaf = await (await issuerOnDisk()).issue(['ram.aliyuncs.com'], [], new Date())
  expect(await verify(leaf.certificate, bundleFile)).toMatch(/OK$/)
})

test("Where the system keeps no roots, Node's own take their place", async () => {
  const roots = await systemRoots([path.join(dataDir, 'missing'), dataDir])
  expect(roots.match(/BEGIN CERTIFICATE/g)!.length).toBeGreaterThan(50)
})

test('Of many first starts at once one wins and all agree', async () => {
  const authorities = await Promise.all(Array.from({ length: 8 }, () => ensureCertificateAuthority(dataDir)))
  const ca = await readFile(inCa('ca.pem'), 'utf8')
  for (const authority of authorities) {
    const { certificate } = await authority.directCertificate()
    expect(new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey)).toBe(true)
  }
  expect(await readdir(dataDir)).toEqual(['ca'])
})

test('A first start that is killed at any moment leaves nothing that stops the next one', async () => {
  const bundle = path.join(dataDir, 'start.mjs')
  await build({
    stdin: {
      contents: `import { ensureCertificateAuthority } from './certificate-authority.ts'
        await ensureCertificateAuthority(process.argv[2])`,
      resolveDir: import.meta.dirname,
    },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: bundle,
    logLevel: 'error',
  })
  let kills = 0
  for (let moment = 1; ; moment += 1) {
    const data = path.join(dataDir, `data-${moment}`)
    const child = spawn(process.execPath, [bundle, data], {
      env: { ...process.env, PILEUS_DIE_AT: `${moment}` },
      stdio: 'ignore',
    })
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    await ensureCertificateAuthority(data)
    expect(await readdir(path.join(data, 'ca'))).toContain('bundle.pem')
    if (signal === null) {
      expect(code).toBe(0)
      break
    }
    expect(signal).toBe('SIGKILL')
    kills += 1
  }
  expect(kills).toBe(6)
}, 60_000)

test('What a killed first start left is removed once it is old', async () => {
  for (const name of ['.ca-0123456789ab', '.ca-fedcba987654']) await mkdir(path.join(dataDir, name))
  const longAgo = new Date(Date.now() - 3_600_000)
  await utimes(path.join(dataDir, '.ca-0123456789ab'), longAgo, longAgo)
  await ensureCertificateAuthority(dataDir)
  expect((await readdir(dataDir)).sort()).toEqual(['.ca-fedcba987654', 'ca'])
})

test.each([
  ['a key that others may read', () => chmod(inCa('ca-key.pem'), 0o644), /may be read by others.*chmod 600/],
  ['no key', () => rm(inCa('ca-key.pem')), /ca-key\.pem cannot be read \(ENOENT\)/],
  ['no certificate', () => rm(inCa('ca.pem')), /ca\.pem cannot be read \(ENOENT\)/],
  ['a damaged certificate', () => writeFile(inCa('ca.pem'), '-----BEGIN CERTIFICATE-----\nAAAA'), /ca\.pem is damaged/],
  ['an empty key', () => writeFile(inCa('ca-key.pem'), ''), /ca-key\.pem is damaged/],
  [
    "another authority's key",
    async () => {
      const other = await createAuthorityPair(authorityNames([]).permitted, new Date())
      await writeFile(inCa('ca-key.pem'), other.key)
    },
    /do not belong together/,
  ],
  [
    "an endpoint's certificate",
    async () => {
      const leaf = await (await issuerOnDisk()).issue(['localhost'], [], new Date())
      await writeFile(inCa('ca.pem'), leaf.certificate)
      await writeFile(inCa('ca-key.pem'), leaf.key)
    },
    /is not an authority's certificate/,
  ],
] as const)('With %s the start fails and says what to do', async (_, harm, message) => {
  await ensureCertificateAuthority(dataDir)
  await harm()
  const error = await ensureCertificateAuthority(dataDir).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(AuthorityUnusableError)
  expect((error as Error).message).toMatch(message)
  expect((error as Error).message).toContain(`remove ${inCa('').replace(/\/$/, '')} and start again`)
})

test('An expired authority, or a clock before its time, stops the start', async () => {
  const start = new Date('2030-01-01T00:00:00Z')
  await ensureCertificateAuthority(dataDir, { clock: new ManualClock(start) })
  const late = new ManualClock(new Date(start.getTime() + 3651 * dayMs))
  await expect(ensureCertificateAuthority(dataDir, { clock: late })).rejects.toThrow(/expired on .* 2039/)
  const early = new ManualClock(new Date(start.getTime() - 2 * dayMs))
  await expect(ensureCertificateAuthority(dataDir, { clock: early })).rejects.toThrow(/clock/)
})

test('Names that the authority was not made for stop the start', async () => {
  await ensureCertificateAuthority(dataDir, { extraNames: ['one.example'] })
  await ensureCertificateAuthority(dataDir, { extraNames: ['one.example'] })
  const other = ensureCertificateAuthority(dataDir, { extraNames: ['two.example'] })
  await expect(other).rejects.toThrow(/made for other names than .*two\.example/)
})

test.each(['*.example', 'one.example:443', '', 'a b', '10.0.0.0/8'])('%j is no extra name', async (name) => {
  await expect(ensureCertificateAuthority(dataDir, { extraNames: [name] })).rejects.toThrow(/neither a DNS name nor/)
  expect(await readdir(dataDir)).toEqual([])
})

test('A context is kept for each name, shared by callers at once, and renewed in time', async () => {
  const clock = new ManualClock(new Date('2030-01-01T00:00:00Z'))
  const authority = await ensureCertificateAuthority(dataDir, { clock })
  const [one, same, other] = await Promise.all(
    ['sts.aliyuncs.com', 'STS.aliyuncs.com.', 'ecs.aliyuncs.com'].map((name) => authority.contextFor(name)),
  )
  expect(one).toBe(same)
  expect(one).not.toBe(other)
  clock.advance(59 * dayMs)
  expect(await authority.contextFor('sts.aliyuncs.com')).toBe(one)
  const direct = await authority.directCertificate()
  clock.advance(2 * dayMs)
  const renewed = await Promise.all([1, 2, 3].map(() => authority.contextFor('sts.aliyuncs.com')))
  expect(renewed[0]).not.toBe(one)
  expect(new Set(renewed).size).toBe(1)
  expect((await authority.directCertificate()).certificate).toBe(direct.certificate)
  clock.advance(60 * dayMs)
  const later = new X509Certificate((await authority.directCertificate()).certificate)
  expect(later.validTo).toMatch(/^Jul 31 .* 2030/)
})

test('The direct endpoint has the names of this machine, and other names get none', async () => {
  const authority = await ensureCertificateAuthority(dataDir, { extraNames: ['cloud.example', 'fd00::1'] })
  const { certificate } = await authority.directCertificate()
  expect(new X509Certificate(certificate).subjectAltName).toBe(
    'DNS:localhost, DNS:cloud.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:0:0:0:0:0:0:1',
  )
  const direct = await authority.contextFor()
  expect(await authority.contextFor('localhost')).toBe(direct)
  expect(await authority.contextFor('cloud.example')).toBe(direct)
  expect(await authority.contextFor('bucket.localhost')).not.toBe(direct)
  for (const name of ['example.com', 'aliyuncs.com.example.com', '10.0.0.1', '*.aliyuncs.com', 'a\0.aliyuncs.com']) {
    await expect(authority.contextFor(name)).rejects.toThrow(NameNotPermittedError)
  }
})

test('A name longer than a common name may be still has its certificate', async () => {
  const { caFile, ...authority } = await ensureCertificateAuthority(dataDir)
  const name = `${'b'.repeat(63)}.oss-cn-zhangjiakou-internal.aliyuncs.com`
  await authority.contextFor(name)
  const leaf = await (await issuerOnDisk()).issue([name], [], new Date())
  expect(await verify(leaf.certificate, caFile)).toMatch(/OK$/)
  expect(await askNode(leaf, await readFile(caFile, 'utf8'), name)).toBe('trusted')
})
