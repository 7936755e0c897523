/** The drawings of the book: the parts of a lab, the modes of bridges, and the messages of an `up`. */
import { type Box, type Drawing, type Line, svgOf } from './svg.ts';

const NAMES = ['alice', 'bob', 'carol'];
const NODE = { width: 110, height: 56, kind: 'node' } as const;

function nodes(count: number, y: number): readonly Box[] {
  return NAMES.slice(0, count).map((name, at) => ({ ...NODE, x: 30 + at * 150, y, lines: [name, 'eth0'] }));
}

/** Nodes above, and below them the switch side with a port for each and what `middle` draws. */
function switched(title: string, name: string, count: number): Drawing {
  const width = 60 + count * 150 - 40;
  const ports = NAMES.slice(0, count).map(
    (node, at): Box => ({
      x: 30 + at * 150,
      y: 140,
      width: 110,
      height: 30,
      lines: [`${node}-eth0`],
      kind: 'device',
    }),
  );
  const veths = ports.map((_, at): Line => ({ from: [85 + at * 150, 76], to: [85 + at * 150, 140], label: '' }));
  const area: Box = { x: 10, y: 104, width: width - 20, height: 136, lines: ['switch side'], kind: 'area' };
  const bridge: Box = { x: 30, y: 190, width: width - 60, height: 36, lines: [name], kind: 'switch' };
  const holds = ports.map((_, at): Line => ({ from: [85 + at * 150, 170], to: [85 + at * 150, 190] }));
  return {
    title,
    width,
    height: 250,
    boxes: [area, ...nodes(count, 20), ...ports, bridge],
    lines: [...veths, ...holds],
  };
}

function patch(): Drawing {
  const drawing = switched('patch', '', 2);
  return {
    ...drawing,
    title: 'A wire of mode patch',
    boxes: drawing.boxes.filter(({ kind }) => kind !== 'switch'),
    lines: [
      ...drawing.lines.filter(({ to }) => to[1] === 140),
      { from: [140, 150], to: [180, 150], hasArrow: true },
      { from: [180, 162], to: [140, 162], hasArrow: true },
    ],
  };
}

function direct(): Drawing {
  return {
    title: 'A wire of mode direct',
    width: 380,
    height: 96,
    boxes: [
      { ...NODE, x: 20, y: 20, lines: ['alice', 'eth0'] },
      { ...NODE, x: 250, y: 20, lines: ['bob', 'eth0'] },
    ],
    lines: [{ from: [130, 48], to: [250, 48], label: 'one veth' }],
  };
}

function concepts(): Drawing {
  const drawing = switched('The parts of a lab', 'bridge lan', 2);
  const note = (y: number, text: string): Box => ({ x: 330, y, width: 190, height: 26, lines: [text], kind: 'area' });
  return {
    ...drawing,
    width: 540,
    boxes: [
      ...drawing.boxes,
      note(34, 'node, and its end of the link'),
      note(84, 'veth'),
      note(142, 'port'),
      note(194, 'bridge'),
    ],
  };
}

/** Who sends what to whom, from the top down. */
const MESSAGES: readonly (readonly [from: number, to: number, text: string])[] = [
  [0, 1, 'dump: which devices are there?'],
  [0, 2, 'dump: which devices are there?'],
  [0, 1, '100 × new veth: name, MAC, MTU, up'],
  [1, 0, '100 acknowledgements'],
  [0, 1, 'addresses, routes of those acknowledged'],
  [0, 2, '64 × port into its bridge, still down'],
  [0, 2, 'one message: all ports of the group up'],
  [0, 2, 'one message: all bridges of the group up'],
  [0, 1, 'ask each end for its carrier'],
];

function messages(): Drawing {
  const columns = [90, 410, 730];
  const titles = ['worker', 'namespace of a node', 'switch namespace'];
  const bottom = 80 + MESSAGES.length * 40;
  return {
    title: 'The messages of an up',
    width: 830,
    height: bottom + 10,
    boxes: titles.map((title, at) => ({
      x: (columns[at] ?? 0) - 80,
      y: 14,
      width: 160,
      height: 30,
      lines: [title],
      kind: at === 0 ? 'switch' : 'node',
    })),
    lines: [
      ...columns.map((x): Line => ({ from: [x, 44], to: [x, bottom] })),
      ...MESSAGES.map(([from, to, label], at): Line => {
        const y = 84 + at * 40;
        return { from: [columns[from] ?? 0, y], to: [columns[to] ?? 0, y], label, hasArrow: true };
      }),
    ],
  };
}

/** File name in docs/pictures/ → SVG. */
export function drawings(): ReadonlyMap<string, string> {
  const all = {
    'concepts.svg': concepts(),
    'mode-linux.svg': switched('A bridge of mode linux', 'Linux bridge lan', 3),
    'mode-ovs.svg': switched('A bridge of mode ovs', 'Open vSwitch lan', 3),
    'mode-patch.svg': patch(),
    'mode-direct.svg': direct(),
    'messages.svg': messages(),
  };
  return new Map(Object.entries(all).map(([name, drawing]) => [name, svgOf(drawing)]));
}
