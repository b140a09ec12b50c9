// The suite of github.com/ali-sdk/ali-oss: mocha, each part with signatures of version 4 and then of version 1.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './programs.mjs'

export async function runAliOss({ checkout, cloud, scratch, environment, only }) {
  const { ready, roleArn, user } = cloud
  const env = {
    ...environment,
    ALI_SDK_OSS_ID: ready.accessKeyId,
    ALI_SDK_OSS_SECRET: ready.accessKeySecret,
    ALI_SDK_OSS_REGION: 'oss-cn-hangzhou',
    ALI_SDK_STS_ID: user.accessKeyId,
    ALI_SDK_STS_SECRET: user.accessKeySecret,
    ALI_SDK_STS_ROLE: roleArn,
    ALI_SDK_STS_BUCKET: 'ali-oss-sts',
    ONCI: 'true',
  }
  const folder = join(checkout, 'test', 'node')
  const files = [folder, join(folder, 'utils')]
    .flatMap((directory) => readdirSync(directory).map((file) => join(directory, file)))
    .filter((file) => file.endsWith('.test.js') && (only === undefined || file.includes(only)))
  // The suite's own `npm test` compiles its sources first.
  await runProgram('npm', ['run', 'tsc'], { cwd: checkout, env, logFile: join(scratch, 'tsc.log') })
  const report = join(scratch, 'report.json')
  const mocha = join(checkout, 'node_modules', 'mocha', 'bin', 'mocha')
  const reporter = ['--reporter', 'json', '--reporter-options', `output=${report}`]
  // Some files end the run of mocha's whole process when they are loaded with others, so each has a process.
  const tests = []
  for (const file of files) {
    const args = [mocha, '--exit', '-t', '60000', '-r', 'should', '-r', 'dotenv/config', ...reporter, file]
    await runProgram(process.execPath, args, { cwd: checkout, env, logFile: join(scratch, 'mocha.log') })
    tests.push(...read(JSON.parse(readFileSync(report, 'utf8'))))
  }
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
  return { version, tests }
}

function read({ tests, failures }) {
  const hooks = failures.filter((failure) => !tests.some((test) => test.fullTitle === failure.fullTitle))
  return [...tests, ...hooks].map(({ fullTitle, err, pending, duration }) => ({
    // The names of some hold the time or the machine.
    name: fullTitle.replaceAll(/\d{13}/g, '<time>'),
    status: err?.message !== undefined ? 'failed' : pending || duration === undefined ? 'skipped' : 'passed',
    message: err?.message?.replaceAll('\n', ' ').slice(0, 300),
  }))
}
