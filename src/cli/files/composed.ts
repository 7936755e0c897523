/** Prints a generated lab as a compose project. */
import { emitYaml } from '../../config/text/emit.ts';
import { LinkloomError } from '../../errors.ts';
import { composeProject } from '../../topology/shapes/compose-project.ts';
import type { WholeLab } from '../../topology/shapes/whole-lab.ts';
import type { Options } from '../flags.ts';
import { configOf, frrRequestOf } from './routed.ts';

type Part = Readonly<Record<string, unknown>>;

/** The text of compose.yaml. Throws E_USAGE where a node has no image, and what FRR's writer throws. */
export async function composeText(
  document: Part,
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const lab = document as unknown as WholeLab;
  const bare = Object.entries(lab.nodes).find(([, { image }]) => image === undefined)?.[0];
  if (bare !== undefined)
    throw new LinkloomError('E_USAGE', `${bare} has no image, and a service has one`, { hint: 'give --image IMAGE' });
  const config = await configOf(document, options, env);
  const parts = options.frr === undefined ? new Map() : await routers();
  return emitYaml(composeProject(lab, document['addressing'] as Part, parts));

  async function routers(): Promise<ReadonlyMap<string, Part>> {
    const { containerPart, routingOf } = await import('../../routing/frr.ts');
    const all = routingOf(config, { ...frrRequestOf(options), ownsLoopback: true });
    return new Map(all.map(({ router, daemons }) => [router.name, containerPart(router, daemons, {})]));
  }
}
