/** Models trunks: the device, its program and the entries of its maps. */

import type { TrunkAdd, TrunkCut, TrunkTie } from '../../../src/wire/ops/switch.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { TRUNK_PROGRAM } from '../../../src/wire/trunk.ts';
import { BLANK } from '../model-device.ts';

/** A trunk as it is after it was made. */
export function trunkMade({ dev, ifindex, group, alias, dstPort }: TrunkAdd, id: number): LinkDump {
  return {
    ...{ ...BLANK, ifindex: ifindex ?? id, ifname: dev, kind: 'vxlan', group, alias, up: true },
    tunnel: { vni: null, remote: '', dstPort, isExternal: true, vnis: [] },
    trunk: { program: { id, name: TRUNK_PROGRAM }, out: [], in: [] },
  };
}

function trunkOf(links: readonly LinkDump[], dev: string) {
  const link = links.find(({ ifname }) => ifname === dev);
  if (!link?.trunk?.program || !link.tunnel?.vnis) throw new Error(`no trunk ${dev}`);
  return {
    link,
    trunk: { ...link.trunk, program: link.trunk.program },
    tunnel: { ...link.tunnel, vnis: link.tunnel.vnis },
  };
}

/** The devices of a namespace after a trunk's wires were changed. */
export function afterTrunkOp(links: readonly LinkDump[], op: TrunkTie | TrunkCut): { links: LinkDump[] } {
  if (op.op === 'trunk.tie') return { links: tiedToTrunk(links, op) };
  const cut = cutFromTrunk(links, op);
  return { links: links.map((link) => (link.ifname === op.dev ? { ...link, ...cut } : link)) };
}

/** The devices of a namespace after a port was tied to a trunk. */
function tiedToTrunk(links: readonly LinkDump[], op: TrunkTie): LinkDump[] {
  const { link, trunk, tunnel } = trunkOf(links, op.trunk);
  const port = links.find(({ ifname }) => ifname === op.dev)?.ifindex;
  if (port === undefined) throw new Error(`ENODEV ${op.dev}`);
  const { vni, remote, local } = op;
  const tied: LinkDump = {
    ...link,
    tunnel: { ...tunnel, vnis: [...tunnel.vnis.filter(([first]) => first !== vni), [vni, vni]] },
    trunk: {
      program: trunk.program,
      out: [...trunk.out.filter((one) => one.port !== port), { port, vni, remote, local, trunk: link.ifindex }],
      in: [...trunk.in.filter((one) => one.vni !== vni), { vni, port }],
    },
  };
  return links.map((one) => {
    if (one.ifindex === link.ifindex) return tied;
    return one.ifindex === port ? { ...one, redirect: null, program: trunk.program.id } : one;
  });
}

/** A trunk after entries were taken out of it. */
function cutFromTrunk(links: readonly LinkDump[], { dev, vnis, ports }: TrunkCut): Pick<LinkDump, 'tunnel' | 'trunk'> {
  const { trunk, tunnel } = trunkOf(links, dev);
  return {
    tunnel: { ...tunnel, vnis: tunnel.vnis.filter(([first]) => !vnis.includes(first)) },
    trunk: {
      program: trunk.program,
      out: trunk.out.filter(({ port }) => !ports.includes(port)),
      in: trunk.in.filter(({ vni }) => !vnis.includes(vni)),
    },
  };
}
