import type { BridgeMode } from '../../kinds/bridge-modes.ts';
import { ipv4Text, ipv4Value, parseAddress } from '../../net/address.ts';
import { barabasiAlbert, random, waxman } from './chance.ts';
import { clos, dataCentre, fatTree } from './fabric.ts';
import { SHAPES, type ShapeInfo, type ShapeName, type ShapeOption } from './names.ts';
import { circulant, full, grid, line, ring, star, torus } from './plain.ts';
import { type End, type Numbers, refuse, type Shape } from './shape.ts';
import { isp, ringOfRings } from './tiers.ts';

const MAKERS: Readonly<Record<ShapeName, (numbers: Numbers) => Shape>> = {
  ...{ circulant, line, ring, star, grid, torus, full, clos },
  ...{ 'fat-tree': fatTree, random, waxman, isp },
  'barabasi-albert': barabasiAlbert,
  'ring-of-rings': ringOfRings,
  'data-centre': dataCentre,
};

/** What decides the wires of a shape. An option that is left out has the shape's default; one that the shape has not is refused. */
export interface ShapeNumbers extends Readonly<Partial<Record<ShapeOption, number | undefined>>> {
  readonly nodes?: number | undefined;
  readonly links?: number | undefined;
  /** Decides what is left to chance. Default: 1. */
  readonly seed?: number | undefined;
}

/** Options of a generated configuration. */
export interface ShapeOptions extends ShapeNumbers {
  /** The kind of the nodes. Default: `netns`. A `service` has to run once, since a replica has no place in a shape. */
  readonly runtime?: 'netns' | 'container' | 'service' | undefined;
  /** IPv4 address of the first wire's /30 network; the others follow. Default: `10.0.0.0`. */
  readonly base?: string | undefined;
  /** The mode of all bridges. Default: `direct`. */
  readonly mode?: BridgeMode | 'auto' | undefined;
  readonly mtuBytes?: number | undefined;
  readonly lab?: string | undefined;
}

/** A link in the form of the configuration. */
export interface GeneratedLink {
  readonly netns?: string;
  readonly container?: string;
  readonly service?: string;
  readonly dev: string;
  readonly bridge: string;
  readonly ip: string;
  readonly mtu?: number;
}

/** A configuration that can be printed or loaded. */
export interface GeneratedConfig {
  readonly lab?: string;
  readonly bridges?: readonly { readonly bridge: string; readonly mode: string }[];
  readonly links: readonly GeneratedLink[];
}

/** Addresses per wire: a /30, whose first address is end a's and whose second is end b's. */
const WIRE_ADDRESSES = 4;
const WIRE_LENGTH = 30;

/**
 * Makes the configuration of a shape. The q-th wire has the network base + 4q, /30. Throws E_USAGE for numbers that the
 * shape can't have, and if the addresses run out.
 */
export function generate(name: ShapeName, options: ShapeOptions = {}): GeneratedConfig {
  const shape = shapeOf(name, options);
  const base = baseOf(options.base ?? '10.0.0.0');
  if (base + shape.wires.length * WIRE_ADDRESSES > 2 ** 32) {
    refuse(`${shape.wires.length} wires need more addresses than follow ${options.base}`, 'give a lower --base');
  }
  const runtime = options.runtime ?? 'netns';
  const mtu = options.mtuBytes === undefined ? {} : { mtu: options.mtuBytes };
  const linkOf = (end: End, bridge: string, address: number): GeneratedLink => ({
    [runtime]: shape.nameOf(end.node),
    ...{ dev: `eth${end.port}`, bridge, ip: `${ipv4Text(address)}/${WIRE_LENGTH}`, ...mtu },
  });
  const { lab, mode = 'direct' } = options;
  return {
    ...(lab === undefined ? {} : { lab }),
    bridges: shape.wires.map(({ bridge }) => ({ bridge, mode })),
    links: shape.wires.flatMap(({ bridge, a, b }, q) => {
      const network = base + q * WIRE_ADDRESSES;
      return [linkOf(a, bridge, network + 1), linkOf(b, bridge, network + 2)];
    }),
  };
}

/** The wires of a shape. Throws E_USAGE for numbers that the shape can't have, and for options that it has not. */
export function shapeOf(name: ShapeName, options: ShapeNumbers): Shape {
  const info: ShapeInfo = SHAPES[name];
  const own = info.options ?? {};
  for (const option of OPTIONS) {
    if (options[option] === undefined || own[option] !== undefined) continue;
    const others = Object.entries<ShapeInfo>(SHAPES).filter(([, { options: has = {} }]) => has[option] !== undefined);
    refuse(`${name} has no --${option}`, `only ${others.map(([other]) => other).join(', ')} has it`);
  }
  if (info.links === null && options.links !== undefined) {
    refuse(
      `${name} has no --links`,
      `it has ${Object.keys(own)
        .map((option) => `--${option}`)
        .join(' and ')}`,
    );
  }
  const nodes = count('--nodes', options.nodes ?? info.defaults.nodes);
  const links = count('--links', options.links ?? info.defaults.links);
  const value = (option: ShapeOption): number => options[option] ?? own[option] ?? 1;
  const shape = MAKERS[name]({
    ...{ nodes, links, seed: options.seed ?? 1, alpha: value('alpha'), beta: value('beta') },
    ...{ pods: count('--pods', value('pods')), leaves: count('--leaves', value('leaves')) },
    oversubscription: value('oversubscription'),
  });
  if (info.isOwnSize && options.nodes !== undefined && options.nodes !== shape.nodes) {
    refuse(`${name} of these numbers has ${shape.nodes} nodes, not ${options.nodes}`, 'leave out --nodes');
  }
  return shape;
}

const OPTIONS = ['alpha', 'beta', 'pods', 'leaves', 'oversubscription'] as const satisfies readonly ShapeOption[];

function count(flag: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    refuse(`${flag} must be a whole number of at least 1, not ${value}`, `try ${flag} 4`);
  return value;
}

function baseOf(text: string): number {
  const address = parseAddress(text);
  if (typeof address === 'string') refuse(`--base: "${text}" ${address}`, 'write 10.0.0.0 or the like');
  if (address.family === 6) refuse('--base takes an IPv4 address', 'write 10.0.0.0 or the like');
  const value = ipv4Value(address.text);
  if (value % WIRE_ADDRESSES !== 0)
    refuse(
      `--base: ${text} is not the start of a /${WIRE_LENGTH}`,
      `try ${ipv4Text(value - (value % WIRE_ADDRESSES))}`,
    );
  return value;
}
