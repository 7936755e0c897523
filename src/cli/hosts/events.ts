/** `events --store`: what happens to a lab on all hosts, as each of them tells it. */
import { eventsSubject } from '../../cluster/subjects.ts';
import { EXIT } from '../../errors.ts';
import type { LabEvent } from '../../lab-events.ts';
import type { Options } from '../flags.ts';
import { OutputReader } from '../reader.ts';
import { writeDocument } from '../reporting.ts';
import { labNameOf, requestOf } from '../request.ts';
import type { Context } from '../verb.ts';
import { withStore } from './store.ts';

/** As the ids of each host's own events. */
const IDS_PER_MS = 1000;

export async function eventsOfHosts(context: Context, options: Options): Promise<number> {
  const [{ eventFilter }, { followHosts }, report] = await Promise.all([
    import('../../lab/live/filter.ts'),
    import('../../hosts/verbs/events.ts'),
    import('../../report/lab-events.ts'),
  ]);
  const { out } = context;
  const isWanted = eventFilter({ nodes: options.onlyNode, links: options.onlyLink, kinds: options.onlyKind });
  return await withStore(context, options, null, async ({ store, emit, signal }) => {
    const lab = await labNameOf(requestOf(options, context));
    await using reader = new OutputReader(context);
    emit({ type: 'notice', message: `Following lab ${lab} on all hosts` });
    const end = AbortSignal.any([signal, reader.signal]);
    const tell = (event: LabEvent, host: string | null): void => {
      if (!isWanted(event.event)) return;
      if (options.json) writeDocument(context, { host, ...report.labEventJson(event) });
      else out.write(report.labEventText(event, out.paint).replace(/^(?=.)/gm, `${host ?? lab} `));
    };
    let lastId = Date.now() * IDS_PER_MS;
    const tellOfHosts = (event: LabEvent['event'], host: string | null): void => {
      lastId = Math.max(lastId + 1, Date.now() * IDS_PER_MS);
      tell({ id: lastId, timeMs: Date.now(), source: 'store', event }, host);
    };
    await Promise.all([
      followHosts(store, lab, tellOfHosts, end),
      store.subscribe(
        eventsSubject(lab, '*'),
        ({ subject, data }) =>
          tell(JSON.parse(new TextDecoder().decode(data)) as LabEvent, subject.split('.').at(-1) ?? ''),
        end,
      ),
    ]);
    return EXIT.done;
  });
}
