import { randomInt } from 'node:crypto';
import type { LinkAdd } from '../../src/plan/op.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { lookUp, namespaceIdOf } from '../rtnl/dump.ts';
import { createLink, modesOf, type Outside, UNCHANGED } from '../rtnl/link.ts';
import { batch, type JobContext, type Placed } from './context.ts';
import { type Finishing, finish } from './finish.ts';
import { switchTxChecksumOff } from './offload.ts';
import { afterRefusal, isNameTaken } from './taken.ts';

interface Prepared extends Placed<LinkAdd> {
  readonly outside: Outside;
}

interface Made extends Prepared {
  readonly ifindex: number;
}

/**
 * Creates links whole. Two sends: the links, and once those are acknowledged their addresses, routes and marks, since a
 * batch goes on after an error and a taken index would put addresses on a stranger's device. A link of which any part
 * fails is deleted again and reported once; the others go on.
 */
export function addLinks(context: JobContext, ops: readonly Placed<LinkAdd>[]): void {
  const prepared = ops.flatMap((placed): Prepared[] => {
    const outside = context.attempt(placed.at, () => lookOutside(context, placed));
    return outside ? [{ ...placed, outside }] : [];
  });
  const made = create(context, prepared).filter((link) => configureOffload(context, link));
  for (const { what, call, subject, errno, message } of finish(context, made.map(finishingOf))) {
    context.fail(what.at, call, subject, { errno, message }, context.undo({ ifindex: what.ifindex }, what.dev));
  }
}

/** Null: its failure is recorded. */
function lookOutside(context: JobContext, { at, op }: Placed<LinkAdd>): Outside | null {
  if (op.mode !== null && modesOf(op.type)[op.mode] === undefined) {
    throw new SystemFault('RTM_NEWLINK', `${op.dev}: ${op.type} mode ${op.mode}`, ERRNO.EINVAL);
  }
  const peerSpace = op.peer ? context.peerSpace(at, op.peer.ns) : null;
  if (op.peer && !peerSpace) return null;
  const peerFd = peerSpace?.fd ?? -1;
  if (!op.parent) return { peerFd, parentIndex: 0, parentNsid: -1, interimName: null };
  const parentSpace = context.spaces.get(op.parent.ns);
  const parent = lookUp(parentSpace.socket, { ifname: op.parent.dev });
  if (!parent) throw new SystemFault('RTM_GETLINK', `${op.parent.dev} in ${op.parent.ns}`, ERRNO.ENODEV);
  const parentIndex = parent.ifindex;
  if (parentSpace.inode === context.space.inode) return { peerFd, parentIndex, parentNsid: -1, interimName: null };
  const refused = { at, ...op, group: op.settings.group };
  if (isNameTaken(context, refused, { errno: ERRNO.EEXIST, message: '' })) return null;
  const parentNsid = namespaceIdOf(context.space.socket, parentSpace.fd);
  return { peerFd, parentIndex, parentNsid, interimName: `ll${randomInt(2 ** 47).toString(36)}` };
}

function create(context: JobContext, links: readonly Prepared[]): Made[] {
  batch.reset();
  for (const { op, outside } of links) createLink(batch, op, op.ifindex, outside);
  const nacks = new Map(context.space.socket.transact(batch).map((nack) => [nack.index, nack]));
  return links.flatMap((link, index): Made[] => {
    const { at, op, outside } = link;
    const nack = nacks.get(index);
    const refused = { at, ...op, dev: nameNow(link), group: op.settings.group };
    const ifindex = nack
      ? afterRefusal(context, refused, nack, () => createLink(batch, op, 0, outside))
      : indexNow(context, link);
    return ifindex === 0 ? [] : [{ ...link, ifindex }];
  });
}

function nameNow({ op, outside }: Prepared): string {
  return outside.interimName ?? op.dev;
}

/** The index of a link that was created: the chosen one, unless none was or the link was moved, which may change it. */
function indexNow(context: JobContext, link: Prepared): number {
  if (link.op.ifindex !== 0 && link.outside.interimName === null) return link.op.ifindex;
  return context.attempt(link.at, () => context.indexOf(nameNow(link))) ?? 0;
}

function configureOffload(context: JobContext, link: Made): boolean {
  const { at, op, ifindex } = link;
  if (!op.settings.txChecksumOff) return true;
  try {
    switchTxChecksumOff(context.space.socket, nameNow(link));
    return true;
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
    const { call, subject, errno, detail } = error;
    context.fail(at, call, subject, { errno, message: detail }, context.undo({ ifindex }, op.dev));
    return false;
  }
}

/** The alias is taken by set only; routes on a device that is down are refused, they come when it is raised. */
function finishingOf({ at, op, ifindex, outside }: Made): Finishing {
  const { alias, up } = op.settings;
  const naming = outside.interimName === null ? {} : { ifname: op.dev, up };
  const isChange = alias !== null || outside.interimName !== null;
  return {
    at,
    dev: op.dev,
    ifindex,
    delRoutes: [],
    delAddresses: [],
    change: isChange ? { ...UNCHANGED, alias, ...naming } : null,
    addAddresses: op.addresses,
    addRoutes: up === true ? op.routes : [],
    mayExist: false,
  };
}
