/** What an image's id tells. Agents report images by id; families are part of it. */

/** `pileus_debian_12_x64_20G.qcow2` is of the family `debian-12`; an id of another form is its own family. */
export function familyOfImage(imageId: string): string {
  const match = /^pileus_([a-z0-9_]+?)_x64(_|\.|$)/.exec(imageId)
  return match?.[1] ? match[1].replaceAll('_', '-') : imageId
}
