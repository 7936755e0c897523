/** Links with one device of their own and no switch side: dummy. The device carries the mark. */
import type { Link } from '../topology/topology.ts';
import { aliasOfLink, blockForeign, type Context, deleteDevice, keep, verdict } from './context.ts';
import { NO_SETTINGS, settleDevice } from './settings.ts';

/** Plan one device that is tied to nothing. */
export function planAlone(context: Context, link: Link): void {
  const { ns } = link.node;
  const device = context.observed.namespaces.get(ns)?.byName.get(link.dev);
  const alias = aliasOfLink(context.lab, link);
  if (!device) return create(context, link, alias, 'create', 'missing');
  if (device.group !== context.groups.other) return blockForeign(context, link, device);
  keep(context, ns, device.ifindex);
  if (device.kind !== link.spec.type) {
    const cause = `type ${device.kind} → ${link.spec.type}`;
    deleteDevice(context, { ns, link: device }, link.id, cause);
    return create(context, link, alias, 'recreate', cause);
  }
  const settled = settleDevice(link, device, alias, context.observed, context.wantedElsewhere);
  context.draft.notes.push(...settled.notes);
  if (settled.op) context.draft.ops.push(settled.op);
  verdict(context, link, settled.op ? 'change' : 'unchanged', settled.cause);
}

function create(context: Context, link: Link, alias: string, kind: 'create' | 'recreate', cause: string): void {
  const { spec, node } = link;
  context.draft.ops.push({
    op: 'link.add',
    ns: node.ns,
    link: link.id,
    cause,
    type: spec.type,
    dev: link.dev,
    ifindex: context.nextIndex(node.ns),
    settings: {
      ...NO_SETTINGS,
      mac: link.mac,
      mtuBytes: spec.mtuBytes,
      up: spec.state === 'up',
      alias,
      group: context.groups.other,
    },
    queues: spec.queues,
    peer: null,
    parent: null,
    mode: spec.mode,
    vlanId: spec.vlanId,
    addresses: link.addresses,
    routes: spec.routes,
  });
  verdict(context, link, kind, cause);
}
