/** Names of hosts. */

/** The name of a host in the store: what `HOST_NAME` matches. It need not be what the host calls itself. */
export type HostName = string;

/**
 * Names of hosts are parts of keys and of subjects of NATS, so they have no dot: lower-case letters, digits and `-`, at most 63, the
 * first a letter or digit.
 */
export const HOST_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
