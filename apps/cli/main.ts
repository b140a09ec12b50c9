/** `pileus`, for the operator of a cloud. Customers use the official clients. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Interrupted } from '@pileus/cloud/interrupted'
import { imageNames } from '@pileus/dataplane/images/catalog'
import { operators } from '@pileus/world/operators'
import { Argument, Command, Option } from 'commander'
import { addAuditCommands } from './audit-commands.ts'
import { CliError } from './cli-error.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { exitCodeOf } from './interruption.ts'
import { addKmsCommands } from './kms-commands.ts'
import { installDir } from './paths.ts'
import { syntaxes } from './shell-syntax.ts'

/** After what is wrong with a command line comes whose help to read. */
function adviseAfterErrors(command: Command, path = 'pileus'): void {
  command.showHelpAfterError(`Run \`./${path} --help\` for what there is.`)
  for (const child of command.commands) adviseAfterErrors(child, `${path} ${child.name()}`)
}

function versionOf(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }).version
}

const program = new Command('pileus')
  .description("A cloud anyone can run that speaks Alibaba Cloud's APIs")
  .version(versionOf(installDir()), '-V, --version', 'print the version')
  .showSuggestionAfterError()

const dataOption = () => new Option('--data <directory>', 'where this cloud keeps everything').env('PILEUS_DATA')

program
  .command('up')
  .description('start the cloud, setting up what is missing')
  .addOption(
    new Option('--engine <engine>', 'what runs machines and networks')
      .choices(['auto', 'qemu', 'simulated'])
      .default('auto'),
  )
  .option('--regions <ids>', 'regions to serve, separated by commas; "all" for all 18', 'all')
  .addOption(dataOption())
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--port <number>', 'port for http; 0 for any free one', '7480')
  .option('--https-port <number>', 'port for https; the next one by default')
  .addOption(new Option('--database <url>', 'PostgreSQL to use instead of our own').env('PILEUS_DATABASE'))
  .option('--images <names>', 'images to build when they are missing, separated by commas', 'micro,debian-12')
  .option(
    '--objects <address>',
    'where bytes of objects go instead of the data directory: s3://<bucket>[/<prefix>]?endpoint=<url>, ' +
      'with its key in PILEUS_OBJECTS_ACCESS_KEY_ID and PILEUS_OBJECTS_ACCESS_KEY_SECRET',
  )
  .option('--workers <count>', 'processes that answer requests besides the first; auto by the number of cores', 'auto')
  .option('--namespace <name>', 'network namespace of the data plane', 'pileus')
  .option('--callback-allow <addresses>', 'private addresses that callbacks and fetches may reach, separated by commas')
  .option('--detach', 'return once the cloud is ready, and leave it running')
  .option('--json', 'print the ready block as one line of JSON')
  .action(async (options) => (await import('./commands/up.ts')).up(options))

program
  .command('down')
  .description('stop the cloud and its machines; disks and all records stay')
  .addOption(dataOption())
  .option('--keep-machines', 'leave machines and networks running; the next `up` adopts them')
  .action(async (options) => (await import('./commands/down.ts')).down(options))

program
  .command('status')
  .description('say whether the cloud runs, and how it is')
  .addOption(dataOption())
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/status.ts')).status(options))

program
  .command('env')
  .description(
    'print shell exports that bring official clients here: `eval "$(./pileus env)"`, ' +
      'in fish `./pileus env --shell fish | source`',
  )
  .addOption(dataOption())
  .addOption(new Option('--shell <shell>', 'whose syntax').choices(Object.keys(syntaxes)).default('posix'))
  .option('--region <id>', 'default region of the clients')
  .option('--unset', 'print what undoes the exports')
  .action(async (options) => (await import('./commands/env.ts')).env(options))

program
  .command('doctor')
  .description('check what the real engine needs, and say how to get it')
  .addOption(dataOption())
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/doctor.ts')).doctor(options))

program
  .command('reset')
  .description('stop the cloud and delete everything it keeps')
  .addOption(dataOption())
  .option('--yes', 'do not ask')
  .action(async (options) => (await import('./commands/reset.ts')).reset(options))

const image = program.command('image').description('the images that machines boot from')
image
  .command('build')
  .description('build an image on this machine')
  .addArgument(new Argument('<name>', 'which image').choices(imageNames))
  .addOption(dataOption())
  .option('--force', 'build again when it is there')
  .action(async (name, options) => (await import('./commands/image.ts')).buildImage(name, options))
image
  .command('list')
  .description('list the images on this machine')
  .addOption(dataOption())
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/image.ts')).listImages(options))

const ram = program.command('ram').description('who may do what')
ram
  .command('simulate')
  .description('say whether a principal would be allowed, and which statement decides')
  .requiredOption('--principal <arn>', 'acs:ram::<account>:user/<name>, or user/<name>, role/<name>, root')
  .requiredOption('--action <action>', 'such as ecs:RunInstances')
  .option('--resource <arn...>', 'ARNs of what it is done to', [])
  .option('--condition <key=value...>', 'values of condition keys, such as acs:SourceIp=10.0.0.1', [])
  .option('--session-policy <document>', 'policy of a session of the role')
  .addOption(dataOption())
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/ram.ts')).simulate(options))

ram
  .command('accept-snapshot')
  .description('let copies of identities be replaced although far fewer are left, because they were deleted on purpose')
  .addOption(dataOption())
  .option('--yes', 'accept it; without this it is only shown')
  .action(async (options) => (await import('./commands/ram.ts')).acceptSnapshot(options))

const residency = program.command('residency').description('what law says of where data may be; no cloud has to run')
residency
  .command('explain')
  .description('say whether data may leave one place for another, and by which law')
  .requiredOption('--from <place>', 'jurisdiction such as DE, or region such as eu-central-1')
  .requiredOption('--to <place>', 'jurisdiction, listed country or region')
  .requiredOption('--class <classes>', 'kinds of data such as personal, separated by commas')
  .option('--on <date>', 'day such as 2026-11-01; today by default')
  .option('--facts <json>', 'what is known, such as \'{"ciio":false}\', or @<file>')
  .option('--lang <tag>', 'language of the reason, such as de')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/residency.ts')).explainResidency(options))
residency
  .command('laws')
  .description('list the laws that are known')
  .option('--jurisdiction <place>', 'jurisdiction or region; all by default')
  .option('--on <date>', 'how they stand on this day; today by default')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/residency.ts')).listLaws(options))
residency
  .command('verify-report')
  .description('check the signature of a residency report, and show it')
  .argument('<file>', 'report, or the answer of GenerateResidencyReport that holds it')
  .option('--key <base64>', 'the only key to believe')
  .option('--json', 'print JSON')
  .action(async (file, options) => (await import('./commands/residency.ts')).verifyResidencyReport(file, options))

const operator = program.command('operator').description('the companies that run regions')
operator
  .command('list')
  .description('say who runs which regions')
  .addOption(dataOption())
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./commands/operator.ts')).listOperators(options))
operator
  .command('enroll')
  .description("open an operator's account and print its root key once")
  .addArgument(new Argument('<operator>', 'which company').choices(operators.map(({ id }) => id)))
  .addOption(dataOption())
  .option('--json', 'print JSON')
  .action(async (id, options) => (await import('./commands/operator.ts')).enroll(id, options))

addAuditCommands(program, dataOption)
addKmsCommands(program, dataOption)

program
  .command('test')
  .description('set up what is missing and run every test')
  .argument('[files...]', 'only test files whose paths contain these')
  .action(async (files) => (await import('./commands/test.ts')).test(files))

addCompletionCommand(program)
adviseAfterErrors(program)

// Who reads us may stop: `pileus residency laws | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
}

try {
  await program.parseAsync()
} catch (error) {
  // What a failed start left open must not hold the process.
  if (error instanceof Interrupted) {
    process.stderr.write(`pileus: ${error.message}; nothing was left half done\n`)
    process.exit(exitCodeOf(error))
  }
  if (error instanceof CliError) {
    process.stderr.write(`pileus: ${error.message}\n`)
    process.exit(1)
  }
  throw error
}
