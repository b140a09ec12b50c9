/**
 * The shell scripts that run customers' commands inside a guest, for any POSIX shell with `setsid` (Debian's, busybox).
 *
 * Each command has a directory in the guest that holds all that is known of it, so it goes on and can be asked about
 * whatever happens to the host's agent. Making the directory is what begins a command: it succeeds once, so no command
 * runs twice. Files in it: `script`, `boot` (boot id of the guest), `out`, `runner` and `group` (process ids),
 * `stopped` and `timedOut` (marks), `result` (last of all).
 */

const directory = '/var/lib/pileus/commands'

/** Prints the id of the guest's boot. */
export const bootIdScript = 'cat /proc/sys/kernel/random/boot_id'

/** Runs in the command's directory, apart from the guest's agent. Arguments: timeout in seconds, user, directory. */
const runner = `
echo $$ > runner
here=$PWD timeout=$1 user=$2 dir=$3
if [ "$user" = "$(id -un)" ]; then as=; else as="su -s /bin/sh $user -c"; fi
case "$(head -c 2 script)" in '#!') run="exec '$here/script'" ;; *) run="exec /bin/sh '$here/script'" ;; esac
setsid sh -c 'cd "$1" || exit 126; if [ -n "$2" ]; then exec $2 "$3"; else exec sh -c "$3"; fi' \
  command "$dir" "$as" "$run" > out 2>&1 < /dev/null &
group=$!
echo $group > group
setsid sh -c 'sleep "$1"; : > timedOut; kill -TERM -$2; sleep 2; kill -KILL -$2' timer "$timeout" $group > /dev/null 2>&1 &
timer=$!
wait $group
code=$?
kill -KILL -$timer 2> /dev/null
if [ -e stopped ]; then echo stopped; elif [ -e timedOut ]; then echo timedOut; else echo "exited $code"; fi > result.new
mv result.new result
`

/**
 * Begins a command unless it has begun; the script comes by standard input. Arguments: id, timeout, user, directory.
 * Ends with 0, or with one of `startFailures`.
 */
export const startScript = `
umask 077
mkdir -p ${directory} && chmod 711 ${directory} && cd ${directory} || exit 20
user=\${3:-root}
home=$(awk -F: -v user="$user" '$1 == user { print $6 }' /etc/passwd)
[ -n "$home" ] || exit 21
dir=\${4:-$home}
[ -d "$dir" ] || exit 22
mkdir "$1" 2> /dev/null || { [ -d "$1" ] && exit 0; exit 20; }
chmod 711 "$1" && cd "$1" || exit 20
cat > script && chmod 700 script && chown "$user" script && ${bootIdScript} > boot && : > out || exit 20
setsid sh -c "$5" runner "$2" "$user" "$dir" < /dev/null > /dev/null 2>&1 &
`

/** What a refused start means, by exit code. */
export const startFailures: Readonly<Record<number, string>> = {
  20: 'the guest has no room to run a command',
  21: 'the user does not exist in the guest',
  22: 'the working directory does not exist in the guest',
}

/** Arguments of `sh` that begin a command. */
export function startArguments(command: {
  id: string
  timeoutS: number
  username: string
  workingDir: string
}): string[] {
  const { id, timeoutS, username, workingDir } = command
  return ['-c', startScript, 'start', id, String(timeoutS), username, workingDir, runner]
}

/** Prints a line with the state, a line with the output's size, then the output's last bytes. Arguments: id, bytes. */
const queryScript = `
cd "${directory}/$1" 2> /dev/null || { echo absent; echo 0; exit 0; }
if [ -e result ]; then cat result
elif [ "$(cat boot 2> /dev/null)" != "$(${bootIdScript})" ]; then echo lost
elif [ ! -e runner ] || kill -0 "$(cat runner)" 2> /dev/null; then echo running
elif [ -e result ]; then cat result
else echo lost; fi
wc -c < out
tail -c "$2" out
`

export function queryArguments(commandId: string, tailBytes: number): string[] {
  return ['-c', queryScript, 'query', commandId, String(tailBytes)]
}

/** Ends a command and all it started, forcibly after a moment. Arguments: id. */
const stopScript = `
cd "${directory}/$1" && [ -e group ] && [ ! -e result ] || exit 0
: > stopped
group=$(cat group)
kill -TERM -$group
setsid sh -c 'sleep 2; kill -KILL -$1' stop $group < /dev/null > /dev/null 2>&1 &
`

export function stopArguments(commandId: string): string[] {
  return ['-c', stopScript, 'stop', commandId]
}

/** Removes all that is kept of a command. */
export function removeArguments(commandId: string): string[] {
  return ['-c', `rm -rf "${directory}/$1"`, 'remove', commandId]
}
