/** Turns the stages of a containerlab node, in which it waits for others, into `wait_for`. */
import { isMap } from '../../extract.ts';
import type { Path } from '../../text/parsed.ts';
import type { ForeignLab, Part } from '../foreign-lab.ts';
import type { Layers } from './layers.ts';

/** The stages that may be waited for, as conditions of `wait_for`. */
const CONDITIONS: Readonly<Record<string, string>> = {
  create: 'started',
  'create-links': 'links',
  configure: 'links',
  healthy: 'healthy',
  exit: 'exited',
};

interface Stage {
  readonly name: string;
  readonly of: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/** What the node waits for; undefined if for nothing. It always waits before it is made: that is all that linkloom has. */
export function waitsOf(lab: ForeignLab, node: string, layers: Layers): Part | undefined {
  const waits: Record<string, string> = {};
  for (const { name, of, path } of stagesOf(layers)) {
    for (const [other, condition] of waitsIn(of)) waits[lab.names.node(other)] = condition;
    if (name !== 'create') {
      lab.notes.leftOut(`the stage ${name} of ${node}`, () => layers.where(path), 'a node waits before it is made');
    }
    if (of['exec'] !== undefined) {
      lab.notes.leftOut(`what the stage ${name} of ${node} runs`, () => layers.where([...path, 'exec']));
    }
  }
  return Object.keys(waits).length === 0 ? undefined : waits;
}

function stagesOf(layers: Layers): readonly Stage[] {
  return layers.all('stages').flatMap(({ value, path }) => {
    const stages = isMap(value) ? Object.entries(value) : [];
    return stages.flatMap(([name, of]) => (isMap(of) ? [{ name, of, path: [...path, name] }] : []));
  });
}

function waitsIn(stage: Readonly<Record<string, unknown>>): readonly (readonly [node: string, condition: string])[] {
  const waits = Array.isArray(stage['wait-for']) ? stage['wait-for'] : [];
  return waits.flatMap((wait) => {
    if (!isMap(wait) || typeof wait['node'] !== 'string') return [];
    return [[wait['node'], CONDITIONS[String(wait['stage'])] ?? 'started'] as const];
  });
}
