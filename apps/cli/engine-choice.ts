import type { Engine } from '@pileus/cloud/config'
import { CliError } from './cli-error.ts'
import { checkRequirements, installPackages, missingPackages } from './machine-facts.ts'

export interface EngineChoice {
  engine: Engine
  reason: string
}

/**
 * Chooses what runs machines. `auto` takes the real engine where everything it needs is there or can be installed,
 * and otherwise says what was missing.
 * @throws CliError when `qemu` was asked for and cannot be had
 */
export async function chooseEngine(
  asked: 'auto' | Engine,
  onProgress: (step: string) => void,
  signal: AbortSignal,
): Promise<EngineChoice> {
  if (asked === 'simulated') return { engine: 'simulated', reason: 'asked for; no hardware is touched' }
  const problem = await installWhatIsMissing(onProgress, signal)
  const lacking = (await checkRequirements()).filter((requirement) => requirement.needed && !requirement.met)
  if (lacking.length === 0) {
    return { engine: 'qemu', reason: asked === 'qemu' ? 'asked for' : 'everything it needs is on this machine' }
  }
  const facts = lacking.map(({ name, fact }) => `${name}: ${fact}`).join('; ')
  if (asked === 'qemu') {
    const remedies = lacking.map(({ name, remedy }) => `  ${name}: ${remedy}`).join('\n')
    throw new CliError(
      `the qemu engine cannot run here (${facts}).\n${remedies}${problem ? `\n  installing failed: ${problem}` : ''}`,
    )
  }
  return { engine: 'simulated', reason: `the real engine lacks ${facts} (see \`./pileus doctor\`)` }
}

/** Gives the reason when installing was tried and failed. */
async function installWhatIsMissing(
  onProgress: (step: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const missing = missingPackages()
  if (missing.length === 0) return undefined
  try {
    await installPackages(missing, onProgress, signal)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return (error as Error).message.trim().split('\n').slice(-3).join(' ')
  }
}
