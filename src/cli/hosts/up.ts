/** `up`, `down`, `plan`, `status` and `rebalance` with --store. */
import { EXIT } from '../../errors.ts';
import type { HostsIo, HostsUp } from '../../hosts/verbs/up.ts';
import type { Options } from '../flags.ts';
import { writeDocument } from '../reporting.ts';
import { labNameOf, requestOf } from '../request.ts';
import type { Context } from '../verb.ts';
import { withStore } from './store.ts';

/** How long hosts are waited for unless --wait says it. */
const WAIT_S = 60;

export async function upOnHosts(context: Context, options: Options, isSticky = true): Promise<number> {
  const { carryOut, planOnHosts } = await import('../../hosts/verbs/up.ts');
  return await withStore(context, options, 'the hosts go on with what is written', async (io) => {
    const plan = await planOnHosts(requestOf(options, context), io, { isSticky, isDry: false });
    const done = await carryOut(plan, waitMs(options), io);
    if (isSticky && options.verify) return await provedAfter(context, options, done, io);
    return await told(context, options, isSticky ? 'up' : 'rebalance', done);
  });
}

/** `up --verify`. */
async function provedAfter(context: Context, options: Options, done: HostsUp, io: HostsIo): Promise<number> {
  const { proved, provedPart, written } = await import('./proving.ts');
  const startedMs = performance.now();
  const found = await proved(context, options, done.lab, [], io);
  const isProved = await written(context, options, found, (performance.now() - startedMs) / 1000);
  const status = await told(context, options, 'up', done, await provedPart(found));
  return isProved ? status : EXIT.failed;
}

export async function downOnHosts(context: Context, options: Options): Promise<number> {
  const { downOnHosts: takeDown } = await import('../../hosts/verbs/down.ts');
  return await withStore(context, options, 'the hosts go on with what is written', async (io) => {
    const lab = await labNameOf(requestOf(options, context));
    const done = await takeDown(lab, waitMs(options), io);
    if (done !== null) return await told(context, options, 'down', done);
    io.emit({ type: 'notice', message: `The store knows no lab ${lab}` });
    if (options.json) writeDocument(context, { schemaVersion: 1, verb: 'down', lab, revision: null, hosts: [] });
    return EXIT.done;
  });
}

export async function planOnHosts(context: Context, options: Options, isSticky = true): Promise<number> {
  const [{ planOnHosts: plan }, report] = await Promise.all([
    import('../../hosts/verbs/up.ts'),
    import('../../report/hosts/plan.ts'),
  ]);
  const made = await withStore(context, options, null, (io) =>
    plan(requestOf(options, context), io, { isSticky, isDry: true }),
  );
  if (options.json) writeDocument(context, report.hostsPlanJson(made));
  else context.out.write(report.hostsPlanText(made, context.out));
  return options.detailedExitcode && !made.isSame ? EXIT.differences : EXIT.done;
}

export async function statusOnHosts(context: Context, options: Options): Promise<number> {
  const [verbs, report] = await Promise.all([
    import('../../hosts/verbs/status.ts'),
    import('../../report/hosts/hosts.ts'),
  ]);
  const status = await withStore(context, options, null, async ({ store }) =>
    verbs.statusOnHosts(store, await labNameOf(requestOf(options, context))),
  );
  if (options.json) writeDocument(context, report.hostsStatusJson(status));
  else context.out.write(report.hostsStatusText(status, context.out));
  return verbs.isSettled(status) ? EXIT.done : EXIT.differences;
}

async function told(
  context: Context,
  options: Options,
  name: 'up' | 'down' | 'rebalance',
  done: HostsUp,
  more: object = {},
): Promise<number> {
  const { hostsUpJson, hostsUpText } = await import('../../report/hosts/hosts.ts');
  if (options.json) writeDocument(context, { ...hostsUpJson(name, done), ...more });
  else context.out.write(hostsUpText(done, context.out));
  return done.hosts.every(({ progress }) => progress === 'whole') ? EXIT.done : EXIT.failed;
}

function waitMs({ wait }: Options): number {
  return (wait || WAIT_S) * 1000;
}
