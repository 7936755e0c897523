import type { LinkSet } from '../../src/wire/ops/links.ts';
import { changeLink } from '../rtnl/link.ts';
import type { JobContext, Placed, Setting } from './context.ts';
import { type Finishing, finish } from './finish.ts';
import { switchTxChecksumOff } from './offload.ts';

/** Changes devices that exist, all in one batch. If a part fails, the device stays, with what it had before. */
export function setLinks(context: JobContext, ops: readonly Placed<LinkSet>[]): void {
  const found = ops.flatMap(({ at, op }): Finishing[] => {
    const ifindex = context.resolve(at, op);
    if (ifindex === null) return [];
    if (op.settings.txChecksumOff) {
      const isOff = context.attempt(at, () => {
        switchTxChecksumOff(context.space.socket, op.dev);
        return true;
      });
      if (!isOff) return [];
    }
    return [finishingOf(at, op, ifindex)];
  });
  for (const { what, call, subject, errno, message } of finish(context, found)) {
    context.fail(what.at, call, subject, { errno, message });
  }
}

/** Of an op without addresses, routes or other settings than those of RTM_NEWLINK. */
export const linkSetting: Setting<LinkSet> = {
  write: (batch, { settings }, ifindex) => changeLink(batch, { ifindex }, settings),
  onRefused: (context, { at, op }, _ifindex, nack) => context.fail(at, 'RTM_NEWLINK', op.dev, nack),
};

function finishingOf(at: number, op: LinkSet, ifindex: number): Finishing {
  const { mac, mtuBytes, group, alias, up, numbers } = op.settings;
  const isChange =
    Object.keys(numbers).length > 0 || [mac, mtuBytes, group, alias, up].some((setting) => setting !== null);
  return {
    at,
    dev: op.dev,
    ifindex,
    delRoutes: [],
    change: isChange ? { mac, mtuBytes, group, alias, up, numbers } : null,
    data: op.data,
    addAddresses: op.addAddresses,
    linkLocal: op.linkLocal ?? null,
    // The kernel refuses routes on a device that is down. They are added when it is raised.
    addRoutes: up === false ? [] : op.addRoutes,
    mayExist: true,
  };
}
