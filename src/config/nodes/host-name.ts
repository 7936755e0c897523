/** What the hosts of a lab may be called, in a file and in the store. */

/**
 * Names of hosts are parts of keys and of subjects of the store, so they have no dot: lower-case letters, digits and `-`, at most 63, the
 * first a letter or digit.
 */
export const HOST_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Why a text can't be the name of a host, in words that follow it; null if it can. */
export function hostNameFault(name: string): string | null {
  return HOST_NAME.test(name)
    ? null
    : 'is no name of a host: lower-case letters, digits and "-", 63 at most, the first not "-"';
}
