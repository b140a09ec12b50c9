/** `main.ts <config.json>`: runs the host agent until SIGTERM or SIGINT. Machines run on when it ends. */
import { keepMemoryOutOfCoreDumps } from '@pileus/kernel/core-dumps'
import { createLog } from '@pileus/kernel/log'
import { readConfig } from './config.ts'
import { startHostAgent } from './start.ts'

keepMemoryOutOfCoreDumps()
const configFile = process.argv[2]
if (configFile === undefined) {
  process.stderr.write('usage: host-agent <config.json>\n')
  process.exit(2)
}

const config = await readConfig(configFile)
const log = createLog({
  name: 'host-agent',
  level: config.logLevel,
  ...(config.logFile === null ? {} : { file: config.logFile }),
})
const running = startHostAgent(config, log)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    const agent = await running
    await agent.close()
    process.exit(0)
  })
}

running.catch((error) => {
  log.fatal({ err: error }, 'the host agent cannot start')
  process.exitCode = 1
  setImmediate(() => process.exit(1))
})
