import { type Command, Option } from 'commander'

/** Adds `audit` and what belongs to it. `dataOption` makes the option for the data directory. */
export function addAuditCommands(program: Command, dataOption: () => Option): void {
  const audit = program.command('audit').description('the tamper-evident log of what was done; no cloud has to run')
  const which = (command: Command): Command =>
    command
      .addOption(dataOption())
      .option('--region <id>', 'the log of this region; all by default')
      .addOption(new Option('--dir <directory>', 'a log on its own, such as an export').conflicts(['data', 'url']))
      .addOption(new Option('--url <prefix>', 'a log on a web server').conflicts(['data', 'dir']))
  which(audit.command('verify'))
    .description('check logs; exits with 2 when one is not as it was signed, with 1 when that cannot be said')
    .option('--key <key>', 'verifier key, or a file that holds it; by default the one beside the log')
    .option('--since <file...>', 'checkpoints that you kept: the log must still begin with what they sign')
    .option('--save <file>', 'write the checkpoint to this file when all is well, to be given to --since')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/audit.ts')).verify(options))
  which(audit.command('checkpoint'))
    .description('print signed checkpoints')
    .option('--verifier-key', 'print the key that they are verified with instead')
    .action(async (options) => (await import('./commands/audit.ts')).checkpoint(options))
  which(audit.command('proof'))
    .description('print the proof that an entry is in a log')
    .requiredOption('--index <number>', 'place of the entry in the log')
    .action(async (options) => (await import('./commands/audit.ts')).proof(options))
  audit
    .command('check')
    .description('say whether a proof shows an event to be in the log of a key')
    .requiredOption('--proof <file>', 'what `audit proof` printed')
    .requiredOption('--event <file>', 'the event as JSON')
    .requiredOption('--key <key>', 'verifier key, or a file that holds it')
    .action(async (options) => (await import('./commands/audit.ts')).check(options))
  audit
    .command('export')
    .description('write the logs of a running cloud, out of its database')
    .addOption(dataOption())
    .option('--region <id>', 'the log of this region; all by default')
    .requiredOption('--out <directory>', 'an empty directory')
    .action(async (options) => (await import('./commands/audit.ts')).exportLogs(options))
}
