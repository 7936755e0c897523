import { isPortGroup } from '../../src/net/mark.ts';
import type { LinkDump, TrunkDump } from '../../src/wire/seen.ts';
import { TRUNK_PROGRAM } from '../../src/wire/trunk.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { ingressOf } from '../rtnl/ingress.ts';
import {
  type BpfObject,
  createHash,
  entriesOf,
  loadClassifier,
  mapById,
  mapName,
  programById,
  programInfo,
} from './call.ts';
import { IN, OUT, readOut, trunkProgram } from './trunk-program.ts';

/** The program of a trunk and its two maps, open. */
export class TrunkMaps {
  readonly program: BpfObject;
  readonly out: BpfObject;
  readonly in: BpfObject;

  private constructor(program: BpfObject, out: BpfObject, into: BpfObject) {
    this.program = program;
    this.out = out;
    this.in = into;
  }

  /** Makes both maps, empty, and loads the program for them. Nothing is left if that fails. Throws SystemFault. */
  static make(wiresMax: number): TrunkMaps {
    const made: BpfObject[] = [];
    try {
      const out = createHash(OUT, wiresMax);
      made.push(out);
      const into = createHash(IN, wiresMax);
      made.push(into);
      return new TrunkMaps(loadClassifier(FUNCTION_NAME, trunkProgram(out.fd, into.fd)), out, into);
    } catch (error) {
      for (const one of made) one[Symbol.dispose]();
      throw error;
    }
  }

  /** Those of the program with an id; null: there is none any more, or it is not a trunk's. Throws SystemFault. */
  static open(id: number): TrunkMaps | null {
    const program = programById(id);
    if (program === null) return null;
    const found = new Map<string, BpfObject>();
    try {
      for (const map of programInfo(program).maps.map(mapById)) if (map !== null) found.set(mapName(map), map);
    } catch (error) {
      for (const one of [program, ...found.values()]) one[Symbol.dispose]();
      throw error;
    }
    const [out, into] = [found.get(OUT.name), found.get(IN.name)];
    if (out !== undefined && into !== undefined && found.size === 2) return new TrunkMaps(program, out, into);
    for (const one of [program, ...found.values()]) one[Symbol.dispose]();
    return null;
  }

  /** All entries. Throws SystemFault. */
  entries(): Pick<TrunkDump, 'out' | 'in'> {
    return {
      out: entriesOf(this.out, OUT).map(([key, value]) => readOut(key, value)),
      in: entriesOf(this.in, IN).map(([key, value]) => ({ vni: key.readUInt32LE(0), port: value.readUInt32LE(0) })),
    };
  }

  [Symbol.dispose](): void {
    for (const one of [this.program, this.out, this.in]) one[Symbol.dispose]();
  }
}

/** The program's own name, at most 15 characters. */
const FUNCTION_NAME = 'linkloom_trunk';

/** Adds the programs of linkloom's trunks, and the entries of their maps. Throws SystemFault. */
export function withTrunks(socket: NetlinkSocket, links: readonly LinkDump[]): readonly LinkDump[] {
  const isTrunk = ({ tunnel, group, master }: LinkDump) => tunnel?.isExternal && isPortGroup(group) && master === 0;
  if (!links.some(isTrunk)) return links;
  return links.map((link) => (isTrunk(link) ? { ...link, trunk: dumpTrunk(socket, link.ifindex) } : link));
}

function dumpTrunk(socket: NetlinkSocket, ifindex: number): TrunkDump {
  const nothing = { program: null, out: [], in: [] };
  const { program } = ingressOf(socket, ifindex);
  if (program?.name !== TRUNK_PROGRAM) return { ...nothing, program };
  using maps = TrunkMaps.open(program.id);
  return maps === null ? nothing : { program, ...maps.entries() };
}

/** The maps of a trunk's device. Throws SystemFault ENOENT if it has no program of a trunk. */
export function mapsOf(socket: NetlinkSocket, dev: string, ifindex: number): TrunkMaps {
  const { program } = ingressOf(socket, ifindex);
  const maps = program?.name === TRUNK_PROGRAM ? TrunkMaps.open(program.id) : null;
  if (maps === null) throw new SystemFault('BPF_PROG_GET_FD_BY_ID', dev, 2, 'the trunk has no program of linkloom');
  return maps;
}
