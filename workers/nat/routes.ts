import type { RouteSet } from '../../src/wire/ops/ip.ts';
import type { JobContext, Placed } from '../ops/context.ts';
import { type Finishing, finish } from '../ops/finish.ts';

/** Changes routes of devices that belong to no node. If a device is gone, so are its routes: removing them is no failure then. */
export function setRoutes(context: JobContext, ops: readonly Placed<RouteSet>[]): void {
  const found = ops.flatMap(({ at, op }): Finishing[] => {
    const mayBeGone = op.add.length === 0;
    const ifindex = context.attempt(at, () =>
      mayBeGone ? (context.find(op.dev)?.ifindex ?? null) : context.indexOf(op.dev),
    );
    if (ifindex === null) return [];
    return [
      {
        at,
        dev: op.dev,
        ifindex,
        delRoutes: op.del,
        change: null,
        data: null,
        addAddresses: [],
        linkLocal: null,
        addRoutes: op.add,
        mayExist: true,
      },
    ];
  });
  for (const { what, call, subject, errno, message } of finish(context, found)) {
    context.fail(what.at, call, subject, { errno, message });
  }
}
