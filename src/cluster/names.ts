/** Names of hosts. */

/** The name of a host in the store: what `HOST_NAME` of `config/nodes/host-name.ts` matches. It need not be what the host calls itself. */
export type HostName = string;
