import { parentOf, peerOf } from '../../src/wire/make.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import type { Namespace } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendEach } from '../netlink/send-each.ts';
import { lookUp } from '../rtnl/dump.ts';
import { createLink, type Outside, UNCHANGED } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';
import { type Finishing, finish } from './finish.ts';
import { switchTxChecksumOff } from './offload.ts';
import { afterRefusal, sendableIndex } from './taken.ts';

interface Prepared extends Placed<LinkAdd> {
  readonly outside: Outside;
  /** The namespace in which the message is sent: the parent's, if the parent is in another one than the link. */
  readonly from: Namespace;
}

interface Made extends Placed<LinkAdd> {
  readonly ifindex: number;
}

/**
 * Creates links whole, in two sends: first the links, then the addresses, routes and marks of those that the kernel
 * acknowledged. One send would not do: the kernel goes on after an error, and if an index is taken the addresses would land on
 * somebody else's device. A link of which a part fails is deleted again and reported once. The other links go on.
 */
export function addLinks(context: JobContext, ops: readonly Placed<LinkAdd>[]): void {
  for (const wave of waves(context, ops)) addWave(context, wave);
}

/** The ops in groups to be sent one after the other: a link comes after its parent, if the same call creates that. */
function waves(context: JobContext, ops: readonly Placed<LinkAdd>[]): Placed<LinkAdd>[][] {
  const found: Placed<LinkAdd>[][] = [[]];
  let made = new Set<string>();
  for (const placed of ops) {
    const parent = parentOf(placed.op);
    const { dev } = placed.op;
    if (parent && parent.ns === context.ns && made.has(parent.dev)) {
      found.push([]);
      made = new Set();
    }
    found.at(-1)?.push(placed);
    made.add(dev);
  }
  return found;
}

function addWave(context: JobContext, ops: readonly Placed<LinkAdd>[]): void {
  const prepared = ops.flatMap((placed) => context.attempt(placed.at, () => prepare(context, placed)) ?? []);
  const made = create(context, prepared).filter((link) => configureOffload(context, link));
  for (const { what, call, subject, errno, message } of finish(context, made.map(finishingOf))) {
    context.fail(what.at, call, subject, { errno, message }, context.undo({ ifindex: what.ifindex }, what.dev));
  }
}

/** Resolves what a link refers to. Null: the op's failure is recorded. */
function prepare(context: JobContext, { at, op }: Placed<LinkAdd>): Prepared | null {
  const peer = peerOf(op);
  const on = parentOf(op);
  const peerSpace = peer ? context.peerSpace(at, peer.ns) : null;
  if (peer && !peerSpace) return null;
  const peerFd = peerSpace?.fd ?? null;
  const here = context.space;
  if (!on) return { at, op, outside: { peerFd, parentIndex: null, targetFd: null }, from: here };
  const parentSpace = context.spaces.get(on.ns);
  const parent = lookUp(parentSpace.socket, { ifname: on.dev });
  if (!parent) throw new SystemFault('RTM_GETLINK', `${on.dev} in ${on.ns}`, ERRNO.ENODEV);
  const isHere = parentSpace.inode === here.inode;
  const outside = { peerFd, parentIndex: parent.ifindex, targetFd: isHere ? null : here.fd };
  return { at, op, outside, from: isHere ? here : parentSpace };
}

function create(context: JobContext, links: readonly Prepared[]): Made[] {
  const senders = new Set(links.map(({ from }) => from));
  return [...senders].flatMap((sender) =>
    createFrom(
      context,
      links.filter(({ from }) => from === sender),
      sender,
    ),
  );
}

function createFrom(context: JobContext, links: readonly Prepared[], from: Namespace): Made[] {
  const chosen = links.map((link) => ({ ...link, ifindex: sendableIndex(context, link.op.ifindex, from) }));
  const refusals = sendEach(from.socket, chosen, (batch, { op, ifindex, outside }) =>
    createLink(batch, op, ifindex, outside),
  );
  const nacks = new Map(refusals.map(({ item, nack }) => [item, nack]));
  return chosen.flatMap((link): Made | [] => {
    const { at, op, outside } = link;
    const nack = nacks.get(link);
    let { ifindex } = link;
    if (nack) {
      const refused = { at, dev: op.dev, peer: peerOf(op), group: op.settings.group, ifindex, from };
      ifindex = afterRefusal(context, refused, nack, (batch, other) => createLink(batch, op, other, outside));
    } else ifindex ??= context.attempt(at, () => context.indexOf(op.dev));
    return ifindex === null ? [] : { at, op, ifindex };
  });
}

function configureOffload(context: JobContext, { at, op, ifindex }: Made): boolean {
  if (!op.settings.txChecksumOff) return true;
  try {
    switchTxChecksumOff(context.space.socket, op.dev);
    return true;
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
    const { call, subject, errno, detail } = error;
    context.fail(at, call, subject, { errno, message: detail }, context.undo({ ifindex }, op.dev));
    return false;
  }
}

/**
 * What is set after creation: the alias, which RTM_NEWLINK ignores when it creates a device; addresses; and routes, if the
 * device is up (the kernel refuses them on one that is down).
 */
function finishingOf({ at, op, ifindex }: Made): Finishing {
  const { alias, up } = op.settings;
  return {
    at,
    dev: op.dev,
    ifindex,
    delRoutes: [],
    data: null,
    change: alias === null ? null : { ...UNCHANGED, alias },
    addAddresses: op.addresses,
    linkLocal: op.linkLocal ?? null,
    addRoutes: up === true ? op.routes : [],
    mayExist: false,
  };
}
