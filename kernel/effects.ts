/**
 * Names every moment at which this process changes the world outside its own memory, so that tests can end it there.
 *
 * `PILEUS_DIE_AT=<n>` ends the process with SIGKILL at the nth moment (each effect has two: before and after).
 * `PILEUS_EFFECT_LOG=<file>` appends a line for each moment, so that a test knows how many there are.
 */
import { appendFileSync } from 'node:fs'

let moments = 0

// Read at each moment, because a test may choose its moment while the process runs; counting begins there.
function moment(name: string): void {
  const dieAt = Number(process.env['PILEUS_DIE_AT'] ?? 0)
  const logFile = process.env['PILEUS_EFFECT_LOG']
  if (!dieAt && !logFile) return
  moments += 1
  if (logFile) appendFileSync(logFile, `${moments} ${name}\n`)
  if (moments === dieAt) process.kill(process.pid, 'SIGKILL')
}

/** Runs `action`, a change outside this process such as a file, a process or a database commit, under a name. */
export async function effect<T>(name: string, action: () => Promise<T>): Promise<T> {
  moment(`before ${name}`)
  const result = await action()
  moment(`after ${name}`)
  return result
}
