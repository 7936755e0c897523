/** A drawing as a Mermaid flow chart (mermaid.js.org/syntax/flowchart.html), which pages such as READMEs on GitHub show. */

import type { Graph, GraphDevice, GraphGroup } from '../../picture/graph.ts';
import { printable } from '../escape.ts';

/** Gives each thing in the drawing an id of a letter and a number. Mermaid takes words as ids, not quoted strings. */
type Names = (id: string) => string;

/** The drawing as text. It ends with a line break. */
export function mermaidText(graph: Graph): string {
  const name = namer();
  const bridges = graph.bridges.flatMap((bridge) => subgraph(bridge, `${bridge.name} (${bridge.mode})`, name));
  return [
    'flowchart LR',
    ...(bridges.length === 0 ? [] : ['  subgraph network', ...indented(bridges), '  end']),
    ...graph.nodes.flatMap((node) => subgraph(node, `${node.kind} ${node.name}`, name)),
    ...[...graph.host, ...graph.remotes].map((device) => deviceLine(device, name)),
    ...graph.edges.map(({ from, to, label }) => `  ${name(from)} ---${label && `|${quoted(label)}|`} ${name(to)}`),
    '',
  ].join('\n');
}

function subgraph({ id, devices }: GraphGroup, title: string, name: Names): readonly string[] {
  const body =
    devices.length === 0 ? [`  ${name(`${id}/empty`)}[no ports]`] : devices.map((each) => deviceLine(each, name));
  return [`  subgraph ${name(id)}[${quoted(title)}]`, ...indented(body), '  end'];
}

function deviceLine({ id, label, notes }: GraphDevice, name: Names): string {
  return `  ${name(id)}[${quoted([label, ...notes].join('\n'))}]`;
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function namer(): Names {
  const names = new Map<string, string>();
  return (id) => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const made = `n${names.size}`;
    names.set(id, made);
    return made;
  };
}

/** A quoted label. Replaces the characters that have a meaning within quotes: `#` begins an entity, `&`, `<` and `>` are HTML. */
function quoted(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => printable(line).replace(/[#&<>"\\]/g, (character) => `#${character.charCodeAt(0)};`));
  return `"${lines.join('<br>')}"`;
}
