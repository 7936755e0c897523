/** A drawing in GraphViz' language (graphviz.org/doc/info/lang.html). */

import type { Graph, GraphBridge, GraphDevice, GraphNode } from '../../picture/graph.ts';
import { printable } from '../escape.ts';

const STYLE = {
  host: 'style="rounded,filled" fillcolor="#f7f7f5" color="#767676"',
  network: 'style="rounded,filled" fillcolor="#dbe9f4" color="#3f6f97" penwidth=2',
  bridge: 'style="filled" fillcolor="#e3daf0" color="#6a4f9c"',
  service: 'style="rounded,filled" fillcolor="#e2efe2" color="#4a7f4a" penwidth=2',
  node: 'style="rounded,filled" fillcolor="#eef5ee" color="#4a7f4a"',
  container: 'style="rounded,filled" fillcolor="#eef5ee" color="#4a7f4a"',
  netns: 'style="rounded,filled" fillcolor="#f3f3e4" color="#7c7c3c"',
  device:
    'shape=box style=filled fillcolor="#fbf5dd" color="#9a7b2f" fontsize=10 width=0.1 height=0.1 margin="0.06,0.04"',
  group: 'style="rounded,filled" fillcolor="#fdf0d8" color="#b07a1e" penwidth=2',
  remote: 'style="rounded,filled" fillcolor="#d8f3d8" color="#3c7c3c"',
} as const;

/** The drawing as text, which `dot -Tsvg` turns into a picture. It ends with a line break. */
export function dotText(graph: Graph): string {
  return [
    `digraph ${quoted(graph.lab)} {`,
    '  graph [compound=true splines=true rankdir=LR fontname="sans-serif"]',
    `  node [fontname="sans-serif" ${STYLE.device}]`,
    '  edge [dir=none fontname="sans-serif" fontsize=10]',
    ...indented(hostLines(graph)),
    ...graph.remotes.map((remote) => `  ${quoted(remote.id)} [${labelOf(remote)} ${STYLE.remote}]`),
    ...graph.edges.map(
      ({ from, to, label }) => `  ${quoted(from)} -> ${quoted(to)}${label && ` [label=${quoted(label)}]`}`,
    ),
    '}',
    '',
  ].join('\n');
}

function hostLines({ bridges, host, nodes }: Graph): readonly string[] {
  const network = cluster('network', 'network', STYLE.network, bridges.flatMap(bridgeLines));
  const body = [...(bridges.length === 0 ? [] : network), ...host.map(deviceLine), ...nodes.flatMap(nodeLines)];
  return cluster('host', 'host', STYLE.host, body);
}

/** The lines of a bridge. One without ports becomes a node, since GraphViz does not draw an empty cluster. */
function bridgeLines({ id, name, mode, devices }: GraphBridge): readonly string[] {
  const body =
    devices.length === 0
      ? [`${quoted(`${id}/empty`)} [label="no ports" shape=plaintext style=""]`]
      : devices.map(deviceLine);
  return cluster(id, `${name} (${mode})`, STYLE.bridge, body);
}

function nodeLines({ id, kind, name, devices }: GraphNode): readonly string[] {
  const tip = `tooltip=${quoted(`${kind} ${name}: ${devices.map(({ label }) => label).join(', ')}`)}`;
  return cluster(id, `${kind} ${name}`, `${STYLE[kind]} ${tip}`, devices.map(deviceLine));
}

function deviceLine(device: GraphDevice): string {
  return `${quoted(device.id)} [${labelOf(device)}]`;
}

function labelOf({ label, notes }: GraphDevice): string {
  return `label=${quoted([label, ...notes].join('\n'))}`;
}

function cluster(id: string, label: string, style: string, body: readonly string[]): readonly string[] {
  return [`subgraph ${quoted(`cluster_${id}`)} {`, `  label=${quoted(label)} ${style}`, ...indented(body), '}'];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** A quoted string of the language. A line break becomes `\n`, which centres the line, and a backslash is escaped. */
function quoted(text: string): string {
  const lines = text.split('\n').map((line) => printable(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"'));
  return `"${lines.join('\\n')}"`;
}
