/** Shortest ways to a Topology for the tests of this folder. */
import type { BridgeMode } from '../../../src/kinds/bridge-modes.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import type { BridgeSpec, Container, LinkSpec, Selector, Topology } from '../../../src/topology/topology.ts';
import { linkSpec, type Wish } from '../../support/model/link-specs.ts';

export function service(name: string): Selector {
  return { kind: 'service', name };
}

export function container(name: string): Selector {
  return { kind: 'container', name };
}

export function netns(name: string): Selector {
  return { kind: 'netns', name };
}

export function link(selector: Selector, more: Wish = {}): LinkSpec {
  return linkSpec(selector, { bridge: 'b0', ...more });
}

export function bridge(name: string, mode: BridgeMode = 'linux'): BridgeSpec {
  return { name, mode, datapath: null, mcastSnooping: false, extra: {}, where: () => undefined };
}

export function topology(links: readonly LinkSpec[], more: Partial<Topology> = {}): Topology {
  const names = new Set(links.flatMap((spec) => bridgeOf(spec) ?? []));
  return { lab: 'lab', links, bridges: [...names].map((name) => bridge(name)), tunnels: [], commands: [], ...more };
}

/** A running container; its id begins with its pid in hexadecimal. */
export function runningContainer(name: string, pid: number, more: Partial<Container> = {}): Container {
  const id = pid.toString(16).padStart(8, '0').padEnd(64, 'f');
  return {
    id,
    name,
    pid,
    service: null,
    index: 1,
    project: null,
    workingDir: null,
    isOneOff: false,
    isPaused: false,
    ...more,
  };
}

/** Replica `index` of a service of project `p`. */
export function replica(name: string, index: number, more: Partial<Container> = {}): Container {
  return runningContainer(`p_${name}_${index}`, 1000 + index, { service: name, index, project: 'p', ...more });
}
