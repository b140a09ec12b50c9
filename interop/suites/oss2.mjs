// The suite of github.com/aliyun/aliyun-oss-python-sdk: unittest, run by pytest for its report.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from './programs.mjs'

export async function runOss2({ checkout, cloud, scratch, environment, only, python }) {
  const { ready, roleArn, user, payer } = cloud
  const env = {
    ...environment,
    PYTHONPATH: `${checkout}:${environment.PYTHONPATH}`,
    OSS_TEST_ACCESS_KEY_ID: ready.accessKeyId,
    OSS_TEST_ACCESS_KEY_SECRET: ready.accessKeySecret,
    OSS_TEST_ENDPOINT: 'http://oss-cn-hangzhou.aliyuncs.com',
    OSS_TEST_REGION: 'cn-hangzhou',
    OSS_TEST_BUCKET: 'oss2-suite-',
    OSS_TEST_UID: ready.accountId,
    OSS_TEST_STS_ID: user.accessKeyId,
    OSS_TEST_STS_KEY: user.accessKeySecret,
    OSS_TEST_STS_ARN: roleArn,
    OSS_TEST_PAYER_UID: payer.accountId,
    OSS_TEST_PAYER_ACCESS_KEY_ID: payer.accessKeyId,
    OSS_TEST_PAYER_ACCESS_KEY_SECRET: payer.accessKeySecret,
    OSS_TEST_RAM_ROLE_ARN: roleArn,
    OSS_TEST_RAM_UID: ready.accountId,
    OSS_TEST_AUTH_VERSION: 'v1',
  }
  const folders = ['tests', 'unittests']
  const files = folders
    .flatMap((folder) => readdirSync(join(checkout, folder)).map((file) => join(folder, file)))
    .filter((file) => /test_\w+\.py$/.test(file) && (only === undefined || file.includes(only)))
  const report = join(scratch, 'report.xml')
  const args = ['-m', 'pytest', '-q', '--tb=line', '-p', 'no:logging', '-p', 'no:cacheprovider', '--timeout=900']
  const files_ = folders.map((folder) => files.filter((file) => file.startsWith(`${folder}/`)))
  const tests = []
  for (const chosen of files_.filter((list) => list.length > 0)) {
    const options = { cwd: checkout, env, logFile: join(scratch, 'pytest.log') }
    const code = await runProgram(python, [...args, `--junitxml=${report}`, ...chosen], options)
    if (code > 1) throw new Error(`pytest ended with ${code}: ${readFileSync(options.logFile, 'utf8').slice(-2000)}`)
    tests.push(...read(readFileSync(report, 'utf8')))
  }
  const [, version] = /__version__ = '(.*?)'/.exec(readFileSync(join(checkout, 'oss2', '__init__.py'), 'utf8'))
  return { version, tests }
}

function read(xml) {
  const cases = xml.matchAll(/<testcase classname="(.*?)" name="(.*?)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)
  return [...cases].map(([, suite, name, inside = '']) => ({
    name: `${suite}.${name}`,
    status: /<(?:failure|error) /.test(inside) ? 'failed' : inside.includes('<skipped') ? 'skipped' : 'passed',
    message: /<(?:failure|error) message="(.*?)"/s.exec(inside)?.[1]?.replaceAll(/\s+/g, ' ').slice(0, 400),
  }))
}
