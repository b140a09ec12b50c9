/** Policy decisions at 1, 10, 100 and 1,000 statements, against Cedar in WebAssembly with its policies parsed before. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { compilePolicy } from '@pileus/ram/domain/policy/evaluate'
import { createPolicySet } from '@pileus/ram/domain/policy/policy-set'
import { compare } from './framework/compare.ts'
import { readOptions } from './framework/options.ts'
import { cacheDirectory } from './framework/programs.ts'

// V8 of Node 20 ends the process when it takes back such an inlined call; the call is no part of what is compared.
setFlagsFromString('--no-turbo-inline-js-wasm-calls')

const options = readOptions({ rounds: 5, seconds: 1 })
const cedarVersion = '4.13.0'

/** The part of Cedar's interface that is used. */
interface Cedar {
  preparsePolicySet(name: string, policies: { staticPolicies: string }): { type: string }
  statefulIsAuthorized(call: object): { type: string; response?: { decision: string } }
}

interface Question {
  action: string
  resource: string
  ip: string
}

const cedar = loadCedar()

/** Every statement allows one action on some instances from one network; every tenth denies. */
const statementOf = (index: number) => ({
  Effect: index % 10 === 9 ? 'Deny' : 'Allow',
  Action: `ecs:Action${index}`,
  Resource: `acs:ecs:*:1234567890123456:instance/i-${index % 7}*`,
  Condition: { IpAddress: { 'acs:SourceIp': `10.${index % 200}.0.0/16` } },
})

function cedarOf(index: number): string {
  const effect = index % 10 === 9 ? 'forbid' : 'permit'
  return `${effect}(principal, action == Action::"ecs:Action${index}", resource) when {
    context.resource like "acs:ecs:*:1234567890123456:instance/i-${index % 7}*" &&
    context.ip.isInRange(ip("10.${index % 200}.0.0/16")) };`
}

/** Allowed, denied, from elsewhere, on something else, and of no statement. */
function questionsFor(statements: number): Question[] {
  return Array.from({ length: 64 }, (_, n) => {
    const index = (n * 37) % statements
    return {
      action: n % 8 === 7 ? 'ecs:Nothing' : `ecs:Action${index}`,
      resource: `acs:ecs:cn-hangzhou:1234567890123456:instance/i-${n % 5 === 4 ? 9 : index % 7}abc`,
      ip: n % 6 === 5 ? '192.168.0.1' : `10.${index % 200}.3.4`,
    }
  })
}

for (const statements of [1, 10, 100, 1_000]) {
  const indexes = Array.from({ length: statements }, (_, index) => index)
  const questions = questionsFor(statements)
  const ours = oursFor(indexes.map(statementOf))
  const theirs = cedarFor(`s${statements}`, indexes.map(cedarOf).join('\n'))
  for (const question of questions) {
    const [a, b] = [ours(question), theirs(question)]
    if (a !== b) throw new Error(`${JSON.stringify(question)}: ${a} here, ${b} there`)
  }
  await compare({
    title: `policy decisions, ${statements} statements: Pileus ÷ Cedar ${cedarVersion} (wasm, preparsed)`,
    unit: 'µs per decision',
    subject: { label: 'pileus', measure: async () => timeOf(ours, questions) },
    peer: { label: 'cedar', measure: async () => timeOf(theirs, questions) },
    aim: { atMost: 0.2 },
    rounds: options.rounds,
    notes: ['64 questions in turn; both sides answer the same', `Node ${process.version}, one thread`],
  })
}

type Decide = (question: Question) => boolean

function oursFor(statements: object[]): Decide {
  // As long documents hold them: one policy holds what 6,144 characters can.
  const source = { policyType: 'Custom', policyName: 'p', version: 'v1', attachedTo: 'user' } as const
  const policies = []
  for (let from = 0; from < statements.length; from += 20) {
    const document = JSON.stringify({ Version: '1', Statement: statements.slice(from, from + 20) })
    policies.push({ policy: compilePolicy(document), source })
  }
  const set = createPolicySet(policies)
  return ({ action, resource, ip }) =>
    set.decide({ action, resource, conditions: { 'acs:SourceIp': ip } })?.allows === true
}

function cedarFor(name: string, text: string): Decide {
  const parsed = cedar.preparsePolicySet(name, { staticPolicies: text })
  if (parsed.type !== 'success') throw new Error(`Cedar does not take the policies: ${JSON.stringify(parsed)}`)
  return ({ action, resource, ip }) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'User', id: 'u' },
      action: { type: 'Action', id: action },
      resource: { type: 'Instance', id: 'i' },
      context: { resource, ip: { __extn: { fn: 'ip', arg: ip } } },
      preparsedPolicySetId: name,
      entities: [],
    })
    if (answer.type !== 'success') throw new Error(`Cedar failed: ${JSON.stringify(answer)}`)
    return answer.response?.decision === 'allow'
  }
}

/** Microseconds of one decision. */
function timeOf(decide: Decide, questions: readonly Question[]): number {
  const startMs = performance.now()
  let count = 0
  while (performance.now() - startMs < options.seconds * 1_000) {
    for (const question of questions) decide(question)
    count += questions.length
  }
  return ((performance.now() - startMs) * 1_000) / count
}

function loadCedar(): Cedar {
  const directory = join(cacheDirectory(), `cedar-wasm-${cedarVersion}`)
  const entry = join(directory, 'node_modules', '@cedar-policy', 'cedar-wasm', 'nodejs', 'cedar_wasm.js')
  if (!existsSync(entry)) {
    console.error(`bench: installing @cedar-policy/cedar-wasm ${cedarVersion} from npm …`)
    mkdirSync(directory, { recursive: true })
    const what = ['install', '--prefix', directory, '--no-audit', '--no-fund', '--loglevel', 'error']
    execFileSync('npm', [...what, `@cedar-policy/cedar-wasm@${cedarVersion}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
    })
  }
  return createRequire(import.meta.url)(entry) as Cedar
}
