/** `run:` of namespaces, as the lab's supervisor is told. */
import { argvOf } from '../../runtime/command.ts';
import { applyPrograms } from '../../supervisor/client.ts';
import type { ProgramSpec } from '../../supervisor/program.ts';
import type { Topology } from '../../topology/topology.ts';

/** Brings them to what is described, once their namespaces are there. Throws E_TOOL. */
export async function runPrograms({ lab, nodes = [] }: Topology): Promise<void> {
  await applyPrograms(lab, nodes.flatMap(programsOf));
}

function programsOf({ kind, name: node, realName: netns, run }: NonNullable<Topology['nodes']>[number]): ProgramSpec[] {
  if (kind !== 'netns') return [];
  return run.map(({ name, command, env, restart }) => ({ node, netns, name, argv: argvOf(command), env, restart }));
}
