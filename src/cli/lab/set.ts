/** `set` changes links of a running lab by hand. */
import { EXIT, LinkloomError } from '../../errors.ts';
import type { SetReport } from '../../lab/override/report.ts';
import type { SetRequest } from '../../lab/override/set-links.ts';
import { settingsFrom } from '../../lab/override/settings.ts';
import { verb } from '../../verb-names.ts';
import { type FlagName, NODE_FLAGS, type Options, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

const SETTINGS = [
  ...(['setDown', 'setUp', 'delay', 'jitter', 'loss', 'duplicate', 'corrupt', 'reorder', 'rate', 'limit'] as const),
  'setMtu',
] as const satisfies readonly FlagName[];

export const set: Verb = {
  description:
    'Changes what leaves a node by a link, or the link’s state and MTU, all links at once. What is not named stays; a value of 0 ends ' +
    `an impairment. It is marked in the kernel as set by hand: ${verb('plan')} names it, ${verb('up')} and the daemon leave it, ` +
    `${verb('reset')} takes it back. With --lab and no file the links are known by their marks.`,
  arguments: [
    { name: '[link...]', description: "`NODE:DEV`, a glob ('leaf*:eth1'), or `bridge/NAME`: all links on it" },
  ],
  flags: [...SETTINGS, 'both', ...SOURCE_FLAGS, ...NODE_FLAGS, ...STORE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['set r1:eth1 --down', 'of the compose file here, as if the cable were pulled'],
    ["set -f lab.yaml 'leaf*:*' --delay 20ms --jitter 2ms --loss 0.1%", 'worse, at once'],
    ['set --lab ring bridge/lan --rate 10mbit --both', 'slower, both ways'],
    ['set r1:eth1 --delay 0', 'without delay; the rest stays'],
  ],
  exitNotes: ['0  they are as asked', '1  the kernel refused a link, or there is no such link'],
  async run(context, options, links) {
    const asked = { links, settings: assertAsked(options, links), both: options.both };
    if (options.store !== undefined) {
      return await (await import('../hosts/asked.ts')).setOnHosts(context, options, asked);
    }
    const [
      { labNameOf, requestOf },
      { onInterrupt },
      { withReporter, writeDocument },
      verbs,
      report,
      { isNamedAlone },
    ] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reporting.ts'),
      import('../../lab/verbs/set.ts'),
      import('../../report/override/override.ts'),
      import('../../lab/with-nodes/of-lab.ts'),
    ]);
    return await withReporter(context, options, async (emit) => {
      const request = requestOf(options, context);
      using interrupt = onInterrupt(context, emit, 'finishing what is under way');
      const io = { emit, signal: interrupt.signal };
      const byDaemon = async (lab: string): Promise<SetReport | null> => {
        const { setThrough } = await import('../../api/client/verbs.ts');
        return await setThrough(lab, asked, emit);
      };
      const done = isNamedAlone(request)
        ? await verbs.setByMarks(await labNameOf(request), request, asked, io, byDaemon)
        : await verbs.set(request, asked, io, ({ topology }) => byDaemon(topology.lab));
      if (options.json) writeDocument(context, report.setJson('set', done));
      else emit({ type: 'notice', message: report.setText('set', done) });
      return done.failures.length > 0 ? EXIT.failed : EXIT.done;
    });
  },
};

/** What is to be set. Throws E_USAGE. */
function assertAsked(options: Options, links: readonly string[]): SetRequest['settings'] {
  if (links.length === 0) {
    const hint = `${verb('set', 'NODE:DEV --down')}; a glob ('*:eth0') or bridge/NAME stands for several`;
    throw new LinkloomError('E_USAGE', 'no link is named', { hint });
  }
  if (options.setDown && options.setUp) {
    throw new LinkloomError('E_USAGE', '--down and --up exclude each other', { hint: 'give one of them' });
  }
  const { setDown: down, setUp: up, setMtu: mtu, ...more } = options;
  const settings = settingsFrom({ ...more, down, up, mtu });
  if (settings !== null) return settings;
  const hint = `give --down, --up, --delay, --loss, --rate, --mtu…: ${verb('set', '--help')} lists them`;
  throw new LinkloomError('E_USAGE', 'nothing to set is given', { hint });
}
