import { checkRequirements } from '../machine-facts.ts'

/** Prints each requirement of the real engine; exits with 1 when it cannot run. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const requirements = await checkRequirements()
  const lacking = requirements.filter(({ needed, met }) => needed && !met)
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ qemu: lacking.length === 0, simulated: true, requirements })}\n`)
  } else {
    for (const { name, met, fact, remedy, needed } of requirements) {
      const mark = met ? 'ok  ' : needed ? 'LACK' : 'note'
      process.stdout.write(`${mark}  ${name}: ${fact}\n`)
      if (remedy) process.stdout.write(`      ${remedy}\n`)
    }
    process.stdout.write(
      lacking.length === 0
        ? '\nThe real engine (QEMU and OVN) can run here.\n'
        : '\nThe real engine cannot run here yet; the simulated one needs nothing but Node.\n',
    )
  }
  if (lacking.length > 0) process.exitCode = 1
}
