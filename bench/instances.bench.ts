/** A page of 100 of DescribeInstances in a cloud with 100,000 instances, and in one with 100. */
import { compare, median } from './framework/compare.ts'
import type { LoadJob } from './framework/load.ts'
import { fillWithInstances } from './framework/many-instances.ts'
import { readOptions } from './framework/options.ts'
import { type StartedPileus, startPileus } from './framework/pileus.ts'
import { answerOf } from './framework/prepared-requests.ts'

const options = readOptions({ rounds: 9, seconds: 1 })
const many = 100_000
const few = 100

await using small = await startPileus()
await using large = await startPileus()
await fillWithInstances(small, few)
await fillWithInstances(large, many)

async function page({ ready, port }: StartedPileus, query: Record<string, string>): Promise<string> {
  const { accessKeyId, accessKeySecret } = ready
  const job: LoadJob = {
    port,
    connections: 1,
    seconds: 0,
    count: 1,
    request: {
      kind: 'acs3',
      accessKeyId,
      accessKeySecret,
      action: 'DescribeInstances',
      version: '2014-05-26',
      query: { RegionId: ready.defaultRegion, ...query },
    },
  }
  return answerOf(job)
}

/** Median time of a call, in milliseconds, over one measurement's length. */
async function latency(pileus: StartedPileus, query: Record<string, string>): Promise<number> {
  const figures: number[] = []
  const untilMs = performance.now() + options.seconds * 1_000
  do {
    const startedMs = performance.now()
    await page(pileus, query)
    figures.push(performance.now() - startedMs)
  } while (performance.now() < untilMs)
  return median(figures)
}

const queries: Record<string, Record<string, string>> = {
  'first page': { PageSize: '100', PageNumber: '1' },
  'first page by token': { MaxResults: '100' },
  'filtered by status': { PageSize: '100', PageNumber: '1', Status: 'Running' },
}

for (const [name, query] of Object.entries(queries)) {
  for (const [pileus, count] of [
    [small, few],
    [large, many],
  ] as const) {
    const answer = JSON.parse(await page(pileus, query))
    const shown = answer.Instances.Instance.length
    if (shown !== 100) throw new Error(`${name}: ${shown} instances on a page of 100`)
    if (!query['MaxResults'] && answer.TotalCount !== count) throw new Error(`TotalCount is ${answer.TotalCount}`)
    await latency(pileus, query)
  }
  await compare({
    title: `(c) DescribeInstances, ${name}, page of 100: ${many} instances ÷ ${few}`,
    unit: 'ms',
    subject: { label: `${many} instances`, measure: () => latency(large, query) },
    peer: { label: `${few} instances`, measure: () => latency(small, query) },
    aim: { atMost: 2 },
    rounds: options.rounds,
    notes: [
      'one client, one call at a time, signed ACS3; two clouds of their own; rows copied from a launched instance',
    ],
  })
}
