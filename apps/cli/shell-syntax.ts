/** How shells set and unset variables, whatever their values hold. */
export interface ShellSyntax {
  set(name: string, value: string): string
  unset(name: string): string
}

const posix: ShellSyntax = {
  set: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  unset: (name) => `unset ${name}`,
}

/** By the names of shells. */
export const syntaxes: Record<string, ShellSyntax> = {
  posix,
  bash: posix,
  zsh: posix,
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`,
    unset: (name) => `set -e ${name}`,
  },
  powershell: {
    set: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
  },
}
