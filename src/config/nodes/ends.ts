/** Reads the ends of wires: `[KIND/]NAME:DEV` becomes a node and a device. */
import { checkIfname, checkNetnsName, HOST_NAME } from '../../net/ifname.ts';
import { quote, shortened } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';

/** A device and its node. The kind `host` needs no name. */
export interface WireEnd {
  readonly kind: 'node' | 'service' | 'container' | 'netns' | 'host';
  readonly name: string;
  readonly dev: string;
}

/** The names that an end can have. */
export interface KnownNames {
  readonly nodes: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

export interface EndFault {
  readonly code: 'wire-end' | 'node-unknown' | 'device-name' | 'netns-name';
  readonly message: string;
  readonly hint?: string | undefined;
  /** The node that is not known. */
  readonly node?: string;
}

const KINDS = ['node', 'service', 'container', 'netns'] as const;
const HINT = 'write NODE:DEV, host:DEV, or netns/NAME:DEV and the like';

/** Reads an end. Returns it, or what is wrong with the text, as a sentence. */
export function readEnd(text: string, known: KnownNames): WireEnd | EndFault {
  const colon = text.lastIndexOf(':');
  if (colon <= 0 || colon === text.length - 1)
    return { code: 'wire-end', message: `${quote(text)} is no end of a wire`, hint: HINT };
  const dev = text.slice(colon + 1);
  const devFault = checkIfname(dev);
  if (devFault !== null)
    return { code: 'device-name', message: `${quote(text)}: the device name ${quote(dev)} ${devFault}` };
  const whose = text.slice(0, colon);
  const slash = whose.indexOf('/');
  if (slash >= 0) return prefixed(text, whose.slice(0, slash), whose.slice(slash + 1), dev, known);
  if (whose === HOST_NAME) return { kind: 'host', name: HOST_NAME, dev };
  if (known.nodes.has(whose)) return { kind: 'node', name: whose, dev };
  if (known.services.has(whose)) return { kind: 'service', name: whose, dev };
  return known.nodes.size > 0 ? unknownName(text, whose, known) : netns(text, whose, dev);
}

function prefixed(text: string, word: string, name: string, dev: string, known: KnownNames): WireEnd | EndFault {
  const kind = KINDS.find((one) => one === word);
  if (kind === undefined) {
    const hint = word === HOST_NAME ? `write host:${dev}` : `known are ${KINDS.map((one) => `${one}/`).join(', ')}`;
    return { code: 'wire-end', message: `${quote(text)}: ${quote(word)} is no kind of node`, hint };
  }
  if (kind === 'node' && !known.nodes.has(name)) return unknownName(text, name, known);
  if (kind === 'netns') return netns(text, name, dev);
  return /^[^/:\s]+$/.test(name)
    ? { kind, name, dev }
    : { code: 'wire-end', message: `${quote(text)} is no end of a wire`, hint: HINT };
}

function netns(text: string, name: string, dev: string): WireEnd | EndFault {
  const fault = checkNetnsName(name);
  return fault === null
    ? { kind: 'netns', name, dev }
    : { code: 'netns-name', message: `${quote(text)}: ${quote(name)} ${fault}` };
}

function unknownName(text: string, name: string, { nodes, services }: KnownNames): EndFault {
  const near = nearest(name, [...nodes, ...services]);
  const short = shortened(name);
  const hint =
    near === undefined
      ? `add it to nodes:, or write netns/${short} or container/${short}`
      : `did you mean \`${near}\`?`;
  return { code: 'node-unknown', message: `${quote(text)}: no node is called ${quote(name)}`, hint, node: name };
}

/** The text of an end for `wires:`, which means the same in any file. */
export function endText({ kind, name, dev }: WireEnd): string {
  return kind === 'node' || kind === 'host' ? `${name}:${dev}` : `${kind}/${name}:${dev}`;
}

/** The name of an end in messages: `NODE:DEV`. */
export function endLabel({ name, dev }: WireEnd): string {
  return `${name}:${dev}`;
}
