/**
 * `diagnostics/` lists every fault that linkloom reports about a configuration, its files and a running lab. Each has a
 * code that does not change, so that tools can look for it and documents can explain it (docs/diagnostics.md).
 *
 * A code says in a few words what is wrong. A new fault gets a row in one of the tables, and an example in
 * scripts/diagnostics/. A fault with an unlisted code does not compile.
 */
import { CHECKS } from './checks.ts';
import { COMPOSE } from './compose.ts';
import { FILES } from './files.ts';
import { HOSTS } from './hosts.ts';
import { IMPORTS } from './imports.ts';
import { LAB } from './lab.ts';
import { MACHINE } from './machine.ts';
import { NETWORK } from './network.ts';
import { NODES } from './nodes.ts';
import type { DiagnosticRules, Severity } from './rule.ts';
import { VALUES } from './values.ts';

/** The faults by the part of the work in which they are found. Each part is a chapter of the documentation. */
export const CHAPTERS = {
  'Files and variables': FILES,
  'Compose files': COMPOSE,
  'Keys and values': VALUES,
  'Links, bridges and tunnels': NETWORK,
  'Nodes, wires and addresses': NODES,
  Checks: CHECKS,
  'A lab over several hosts': HOSTS,
  'Files of other tools': IMPORTS,
  'A running lab': LAB,
  'The machine': MACHINE,
} as const satisfies Readonly<Record<string, DiagnosticRules>>;

/** The same in one table, by code. */
export const DIAGNOSTICS = {
  ...FILES,
  ...COMPOSE,
  ...VALUES,
  ...NETWORK,
  ...NODES,
  ...CHECKS,
  ...HOSTS,
  ...IMPORTS,
  ...LAB,
  ...MACHINE,
} as const satisfies DiagnosticRules;

/** The code of a fault of a configuration, or of a finding about the machine: a key of `DIAGNOSTICS`. */
export type DiagnosticCode = keyof typeof DIAGNOSTICS;

export function severityOf(code: DiagnosticCode): Severity {
  return DIAGNOSTICS[code].severity;
}
