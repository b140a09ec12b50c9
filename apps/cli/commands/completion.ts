import type { Command } from 'commander'

/** Adds `completion <shell>`, whose output makes the shell complete commands and options. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a completion script: `source <(./pileus completion bash)`')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) => {
      const script = scripts[shell]?.(wordsOf(program))
      if (!script)
        program.error(`there is no completion for "${shell}"; there is one for ${Object.keys(scripts).join(', ')}`)
      process.stdout.write(script)
    })
}

interface Words {
  /** Words that may follow each path of commands, such as `image build`. */
  path: string
  next: string[]
}

function wordsOf(command: Command, path: string[] = []): Words[] {
  const options = command.options.map((option) => option.long ?? option.short ?? '').filter(Boolean)
  const names = command.commands.map((child) => child.name())
  const here = { path: path.join(' '), next: [...names, ...options, '--help'] }
  return [here, ...command.commands.flatMap((child) => wordsOf(child, [...path, child.name()]))]
}

const scripts: Record<string, (words: Words[]) => string> = {
  bash: bashScript,
  // zsh runs bash completions.
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(words)}`,
  fish: fishScript,
}

function bashScript(words: Words[]): string {
  const cases = words.map(({ path, next }) => `    "${path}") next="${next.join(' ')}" ;;`).join('\n')
  return `_pileus() {
  local path="" word next=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pileus pileus ./pileus
`
}

function fishScript(words: Words[]): string {
  const lines = words.flatMap(({ path, next }) => {
    const condition = path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path}`
    return next.map((word) =>
      word.startsWith('--')
        ? `complete -c pileus -n '${condition}' -l ${word.slice(2)}`
        : `complete -c pileus -n '${condition}' -a ${word}`,
    )
  })
  return `${lines.join('\n')}\n`
}
