/** `hosts` shows who takes part, forgets a host, and prints the permissions that the store's servers need. */
import { EXIT, LinkloomError } from '../../errors.ts';
import { verb } from '../../verb-names.ts';
import { type Options, REPORT_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Context, Verb } from '../verb.ts';

export const hosts: Verb = {
  description:
    'Lists the hosts that share a store: whether an agent speaks for each, where it is reached, and how far it is with each lab. ' +
    `${verb('hosts', 'evict NAME')} forgets a host that is lost for good, so that its nodes are placed elsewhere. ${verb('hosts', 'permissions NAME…')} makes an NKey ` +
    'for each host, for those who run verbs and for those who only look, and prints the accounts for the configuration of nats-server.',
  arguments: [
    { name: '[action]', description: 'nothing: the list', choices: ['evict', 'permissions'] },
    { name: '[host...]', description: 'names of hosts' },
  ],
  flags: [...STORE_FLAGS, 'keys', ...REPORT_FLAGS],
  examples: [
    ['hosts --store nats://192.0.2.1:4222', 'who takes part, and how far each host is'],
    ['hosts evict h3 --store nats://192.0.2.1:4222', 'h3 will not come back'],
    ['hosts permissions h1 h2 h3 --keys keys/', 'keys for three hosts, and who may do what, for nats-server'],
  ],
  exitNotes: ['0  shown, or done', '3  the store does not answer', '4  a host is behind or lost'],
  async run(context, options, [action, ...names]) {
    if (action === 'permissions') return await permissions(context, options, names);
    const [host] = names;
    const [verbs, { withStore }, { writeDocument }, report] = await Promise.all([
      import('../../hosts/verbs/status.ts'),
      import('./store.ts'),
      import('../reporting.ts'),
      import('../../report/hosts/hosts.ts'),
    ]);
    return await withStore(context, options, null, async ({ store, emit }) => {
      if (action === 'evict') {
        if (host === undefined) throw new LinkloomError('E_USAGE', `no host is named: ${verb('hosts', 'evict NAME')}`);
        const { evictHost } = await import('../../hosts/verbs/evict.ts');
        await evictHost(store, host);
        emit({
          type: 'notice',
          message: `The host ${host} is forgotten; the next ${verb('up')} places its nodes elsewhere`,
        });
        return EXIT.done;
      }
      const list = await verbs.listHosts(store);
      if (options.json) writeDocument(context, report.hostsJson(list));
      else context.out.write(report.hostsText(list, context.out));
      const isWhole = list.labs.every(verbs.isSettled) && list.views.every(({ lease }) => lease !== null);
      return isWhole ? EXIT.done : EXIT.differences;
    });
  },
};

async function permissions(context: Context, { keys }: Options, names: readonly string[]): Promise<number> {
  if (names.length === 0 || keys === undefined) {
    throw new LinkloomError('E_USAGE', 'permissions are for hosts that are named, with keys in a folder', {
      hint: verb('hosts', 'permissions h1 h2 h3 --keys FOLDER'),
    });
  }
  const { permissionsFor } = await import('../../hosts/verbs/permissions.ts');
  context.out.write(await permissionsFor(names, keys));
  return EXIT.done;
}
