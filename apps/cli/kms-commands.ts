import { type Command, Option } from 'commander'

/** Adds `kms` and what belongs to it. `dataOption` makes the option for the data directory. */
export function addKmsCommands(program: Command, dataOption: () => Option): void {
  const kms = program.command('kms').description('the root keys of regions, under which all keys and secrets are kept')
  kms
    .command('status')
    .description('say how the root key of each region is kept')
    .addOption(dataOption())
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/kms.ts')).status(options))
  kms
    .command('rewrap')
    .description('make a new root key for a region; a running cloud seals everything again under it')
    .addOption(dataOption())
    .requiredOption('--region <id>', 'which region')
    .action(async (options) => (await import('./commands/kms.ts')).rewrap(options))
  kms
    .command('keep')
    .description('keep the same root key of a region in another way from now on')
    .addOption(dataOption())
    .requiredOption('--region <id>', 'which region')
    .addOption(
      new Option('--as <way>', 'in its file, under a passphrase, or under a key in a token')
        .choices(['file', 'passphrase', 'pkcs11'])
        .makeOptionMandatory(),
    )
    .option('--module <path>', 'pkcs11: the module of the token')
    .option('--token <label>', 'pkcs11: label of the token')
    .option('--key <label>', 'pkcs11: label of the RSA key in it')
    .option('--public-key <file>', 'pkcs11: its public half, as PEM')
    .action(async (options) => (await import('./commands/kms.ts')).keep(options))
}
