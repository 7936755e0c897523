/** What a node runs: daemons of FRR with their configurations. */

export const PROTOCOLS = ['ospf', 'bgp'] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** How soon routers notice that another one is gone. `fast`: within 4 seconds; `usual`: the defaults of FRR, up to 3 minutes. */
export type Timers = 'usual' | 'fast';

export interface Daemon {
  readonly name: 'zebra' | 'ospfd' | 'ospf6d' | 'bgpd';
  /** In FRR's language, with a newline at its end. */
  readonly config: string;
}

/** Text of lines, each with a newline. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** The command that names a router, where FRR takes the name: it has to begin with a letter or a digit. */
export function hostnameLine(name: string): readonly string[] {
  return /^[A-Za-z0-9]/.test(name) ? [`hostname ${name}`] : [];
}
