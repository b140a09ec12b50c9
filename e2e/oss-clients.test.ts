/** Object storage by its official clients and by the tools of S3, each configured as its users configure it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { largeBytes, readTree, writeOddTree } from './clients/odd-tree.ts'
import { type ProgramResult, runProgram } from './launcher.ts'
import { ensurePython, findPythonObstacle } from './python-environment.ts'
import { type SimulatedProgram, startSimulatedProgram } from './simulated-program.ts'

const pythonObstacle = findPythonObstacle()
const rcloneObstacle =
  spawnSync('rclone', ['version']).status === 0 ? undefined : 'needs rclone (Debian package rclone)'
if (pythonObstacle) console.log(`skipped: aws-cli, s3cmd, boto3 and oss2: ${pythonObstacle}`)
if (rcloneObstacle) console.log(`skipped: rclone: ${rcloneObstacle}`)

const clients = join(import.meta.dirname, 'clients')
let cloud: SimulatedProgram
let scratch: string
let tree: string
let largeFile: string
/** What the tools of S3 read: keys and region, besides what `pileus env` gives. */
let s3Env: NodeJS.ProcessEnv

beforeAll(async () => {
  cloud = await startSimulatedProgram(['cn-hangzhou', 'eu-central-1'])
  scratch = mkdtempSync(join(tmpdir(), 'pileus-oss-clients-'))
  tree = join(scratch, 'tree')
  writeOddTree(tree)
  largeFile = join(tree, 'large.bin')
  const { accessKeyId, accessKeySecret } = cloud.ready
  s3Env = {
    ...cloud.env,
    HOME: scratch,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKeySecret,
    AWS_DEFAULT_REGION: 'cn-hangzhou',
    // Of a machine that has one for all programs; rclone takes none.
    AWS_CA_BUNDLE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    LC_ALL: 'C.UTF-8',
  }
}, 120_000)
afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
}, 60_000)

/** Standard output of a program that must succeed. */
async function output(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, stderr }: ProgramResult = await runProgram(command, args, { env, cwd: scratch })
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' })
  return stdout
}

function freshDirectory(name: string): string {
  const directory = join(scratch, name)
  mkdirSync(directory)
  return directory
}

describe.skipIf(pythonObstacle !== undefined)('Python', { timeout: 120_000 }, () => {
  let python: string
  let aws: string
  beforeAll(async () => {
    python = await ensurePython('python-oss')
    aws = join(dirname(await ensurePython('python-aws')), 'aws')
  }, 400_000)

  // By names of hosts over https, as the vendor has it, and by the address and paths.
  test.each(['virtual', 'path'])('aws-cli with %s addresses syncs a tree there and back', async (style) => {
    const url = style === 'path' ? `http://${cloud.ready.endpoint}` : 'https://oss-cn-hangzhou.aliyuncs.com'
    const bucket = `s3://aws-${style}`
    const config = join(scratch, `aws-config-${style}`)
    const settings = { addressing_style: style, multipart_threshold: '5MB', multipart_chunksize: '5MB' }
    const lines = Object.entries(settings).map(([name, value]) => `    ${name} = ${value}\n`)
    writeFileSync(config, `[default]\ns3 =\n${lines.join('')}`)
    const env = { ...s3Env, AWS_CONFIG_FILE: config }
    const s3 = (...args: string[]) => output(aws, ['--endpoint-url', url, 's3', ...args], env)
    await s3('mb', bucket)
    await s3('sync', '--only-show-errors', tree, `${bucket}/a tree`)
    expect(await s3('sync', '--dryrun', tree, `${bucket}/a tree`)).toBe('')
    const back = freshDirectory(`aws-${style}`)
    await s3('sync', '--only-show-errors', `${bucket}/a tree`, back)
    expect(readTree(back)).toEqual(readTree(tree))
    await s3('mv', '--only-show-errors', `${bucket}/a tree/large.bin`, `${bucket}/moved.bin`)
    const listed = await s3('ls', '--recursive', bucket)
    expect(listed.match(/^.*moved\.bin$/m)?.[0]).toContain(` ${largeBytes} `)
    expect(listed).not.toContain('a tree/large.bin')
    const url2 = (await s3('presign', `${bucket}/a tree/plain.txt`)).trim()
    expect(await output('curl', ['--silent', '--fail', url2], s3Env)).toBe('in plain.txt')
    await s3('rb', '--force', bucket)
  })

  test('s3cmd puts, lists, syncs and deletes a tree', async () => {
    const { endpoint, accessKeyId, accessKeySecret } = cloud.ready
    const settings = { access_key: accessKeyId, secret_key: accessKeySecret, host_base: endpoint, use_https: 'False' }
    const more = { host_bucket: endpoint, bucket_location: 'cn-hangzhou', multipart_chunk_size_mb: '5' }
    const lines = Object.entries({ ...settings, ...more }).map(([name, value]) => `${name} = ${value}\n`)
    writeFileSync(join(scratch, 's3cfg'), `[default]\n${lines.join('')}`)
    const program = join(dirname(python), 's3cmd')
    const s3cmd = (...args: string[]) =>
      output(program, ['-c', join(scratch, 's3cfg'), '--no-progress', ...args], s3Env)
    await s3cmd('mb', 's3://s3cmd-tree')
    await s3cmd('sync', `${tree}/`, 's3://s3cmd-tree/in/')
    const back = freshDirectory('s3cmd')
    await s3cmd('sync', 's3://s3cmd-tree/in/', `${back}/`)
    expect(readTree(back)).toEqual(readTree(tree))
    await s3cmd('cp', 's3://s3cmd-tree/in/large.bin', 's3://s3cmd-tree/copy.bin')
    expect(await s3cmd('info', 's3://s3cmd-tree/copy.bin')).toContain(`File size: ${largeBytes}`)
    const url = (await s3cmd('signurl', 's3://s3cmd-tree/in/plain.txt', '+60')).trim()
    expect(await output('curl', ['--silent', '--fail', url], s3Env)).toBe('in plain.txt')
    await s3cmd('rb', '--recursive', '--force', 's3://s3cmd-tree')
  })

  test.each([
    { style: 'virtual', url: () => 'https://oss-cn-hangzhou.aliyuncs.com' },
    { style: 'path', url: () => `http://${cloud.ready.endpoint}` },
  ])('boto3 with $style addresses goes through its round', async ({ style, url }) => {
    const script = join(clients, 'boto3_round_trip.py')
    const said = await output(python, [script, url(), `boto3-${style}`, style, largeFile], s3Env)
    expect(JSON.parse(said)).toMatchObject({
      buckets: true,
      metadata: ['0123456789', 'text/x', { author: 'someone' }],
      range: '234',
      multipart: [largeBytes, '3"'],
      same: true,
      copied: largeBytes,
      many: true,
      acl: ['FULL_CONTROL', 'READ'],
      private: ['FULL_CONTROL'],
      folders: ['many/', 'told/'],
      presigned: '0123456789',
      version: '1',
      deleted: 'NoSuchKey',
    })
  })

  test.each(['v1', 'v2', 'v4'])('oss2 with signatures %s goes through its round', async (version) => {
    const script = join(clients, 'oss2_round_trip.py')
    const said = await output(python, [script, version, `oss2-${version}`, largeFile], { ...cloud.env, HOME: scratch })
    expect(JSON.parse(said)).toEqual(expectedOfOss)
  })
})

const expectedOfOss = {
  metadata: ['0123456789', 'text/x', 'someone'],
  range: '234',
  multipart: [largeBytes, 'Multipart'],
  same: true,
  copied: true,
  appended: 'one two',
  many: true,
  folders: ['many/', 'told/'],
  presigned: '0123456789',
  left: [],
}

test.each(['v1', 'v4'])('ali-oss with signatures %s goes through its round', { timeout: 60_000 }, async (version) => {
  const script = join(clients, 'oss-round-trip.cjs')
  const said = await output(process.execPath, [script, version, `node-${version}`, largeFile], cloud.env)
  expect(JSON.parse(said)).toEqual(expectedOfOss)
})

describe.skipIf(rcloneObstacle !== undefined)('rclone', { timeout: 120_000 }, () => {
  test('copies, checks, syncs and purges a tree', async () => {
    const { accessKeyId, accessKeySecret } = cloud.ready
    const remote = { TYPE: 's3', PROVIDER: 'Alibaba', ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com' }
    const more = {
      ACCESS_KEY_ID: accessKeyId,
      SECRET_ACCESS_KEY: accessKeySecret,
      CHUNK_SIZE: '5M',
      UPLOAD_CUTOFF: '5M',
    }
    const settings = Object.entries({ ...remote, ...more }).map(([name, value]) => [`RCLONE_CONFIG_OSS_${name}`, value])
    const env = { ...s3Env, ...Object.fromEntries(settings), RCLONE_CONFIG: join(scratch, 'rclone.conf') }
    const rclone = (...args: string[]) => output('rclone', args, env)
    await rclone('mkdir', 'oss:rclone-tree')
    await rclone('copy', tree, 'oss:rclone-tree/in')
    await rclone('check', tree, 'oss:rclone-tree/in')
    await rclone('check', '--download', tree, 'oss:rclone-tree/in')
    await rclone('copy', 'oss:rclone-tree/in', 'oss:rclone-tree/copied')
    await rclone('check', 'oss:rclone-tree/in', 'oss:rclone-tree/copied')
    const back = freshDirectory('rclone')
    await rclone('sync', 'oss:rclone-tree/copied', back)
    expect(readTree(back)).toEqual(readTree(tree))
    expect((await rclone('lsf', '-R', '--files-only', 'oss:rclone-tree/in')).trim().split('\n').sort()).toEqual(
      Object.keys(readTree(tree)).sort(),
    )
    await rclone('purge', 'oss:rclone-tree')
  })
})
