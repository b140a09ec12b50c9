/** Programs that running machines needs, with the Debian package each comes from. */
export const requiredPrograms: readonly { program: string; debianPackage: string }[] = [
  { program: 'qemu-system-x86_64', debianPackage: 'qemu-system-x86' },
  { program: 'qemu-img', debianPackage: 'qemu-utils' },
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'setpriv', debianPackage: 'util-linux' },
  { program: 'flock', debianPackage: 'util-linux' },
]
