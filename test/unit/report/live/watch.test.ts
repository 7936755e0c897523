/** The table of `status --watch`: rows, keys, and what fits on a screen. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LiveLink, type LiveReport, RateMeter } from '../../../../src/lab/live/rates.ts';
import { namedNs } from '../../../../src/net/ns-id.ts';
import type { LinkStatus, StatusReport } from '../../../../src/plan/status/status.ts';
import { linesOf, liveJson, screenOf, siText } from '../../../../src/report/live/table.ts';
import { keyed, keysIn, rowsOf, type View } from '../../../../src/report/live/view.ts';
import { widthOf } from '../../../../src/report/table.ts';
import type { CountedDevice, CountersResult } from '../../../../src/wire/task.ts';
import { fakeSink } from '../../../support/sink.ts';

const VIEW: View = { sort: 'rate', filter: '', typed: null, onlyDrift: false, top: 0 };
const ZERO: CountedDevice['counters'] = {
  ...{ rxPackets: 0, txPackets: 0, rxBytes: 0, txBytes: 0, rxDropped: 0, txDropped: 0, rxErrors: 0, txErrors: 0 },
};

function statusOf(link: string, more: Partial<LinkStatus> = {}): LinkStatus {
  const observed = { ifindex: 3 } as NonNullable<LinkStatus['observed']>;
  return {
    ...{
      link,
      ns: namedNs(link.split(':')[0] ?? ''),
      dev: 'eth0',
      bridge: 'lan',
      desired: 'up',
      observed,
      addresses: [],
    },
    ...{ port: null, waits: false, overrides: [], drift: [] },
    ...more,
  };
}

function live(link: string, perSecond: Partial<typeof ZERO>, more: Partial<LinkStatus> = {}): LiveLink {
  const total = { ...ZERO, rxDropped: perSecond.rxDropped ?? 0 };
  return { status: statusOf(link, more), rates: { operstate: 'UP', perSecond: { ...ZERO, ...perSecond }, total } };
}

function reportOf(links: readonly LiveLink[]): LiveReport {
  const rest = { nodes: [], bridges: [], tunnels: [], pending: [], commands: [], programs: [] };
  const report: StatusReport = { lab: 'l', configured: true, links: links.map(({ status }) => status), ...rest };
  return { report, links, timeMs: 0, costMs: 1 };
}

const LINKS = [
  live('n10:eth0', { rxBytes: 125_000, txBytes: 1 }),
  live('n2:eth0', { txBytes: 1_000, rxDropped: 4, rxPackets: 3 }),
  live('n1:eth0', {}, { drift: ['mtu 1300 → 1400'], bridge: 'wan' }),
  { status: statusOf('n3:eth0', { observed: null, drift: ['missing'] }), rates: null },
];

const names = (view: Partial<View>): readonly string[] =>
  rowsOf(LINKS, { ...VIEW, ...view }).map(({ status }) => status.link.split(':')[0] ?? '');

describe('the rows', () => {
  test('in the order that is asked for, then by name, numbers as numbers', () => {
    assert.deepEqual(names({ sort: 'rate' }), ['n10', 'n2', 'n1', 'n3']);
    assert.deepEqual(names({ sort: 'tx' }), ['n2', 'n10', 'n1', 'n3']);
    assert.deepEqual(names({ sort: 'drops' }), ['n2', 'n1', 'n10', 'n3']);
    assert.deepEqual(names({ sort: 'name' }), ['n1', 'n2', 'n3', 'n10']);
    assert.deepEqual(names({ sort: 'state' }), ['n3', 'n1', 'n2', 'n10']);
  });

  test('only those that are asked for', () => {
    assert.deepEqual(names({ filter: 'n1' }), ['n10', 'n1']);
    assert.deepEqual(names({ filter: 'n1', typed: 'wan' }), ['n1']);
    assert.deepEqual(names({ onlyDrift: true }), ['n1', 'n3']);
  });
});

describe('keys', () => {
  const size = { page: 10, rows: 35 };
  const after = (keys: string, view = VIEW): View | 'quit' => {
    let now: View | 'quit' = view;
    for (const key of keysIn(keys)) if (now !== 'quit') now = keyed(now, key, size);
    return now;
  };

  test('what a terminal sends at once is several keys', () => {
    assert.deepEqual(keysIn('a\x1b[A\x1b[5~\x1bOBé\x1b'), ['a', '\x1b[A', '\x1b[5~', '\x1bOB', 'é', '\x1b']);
  });

  test('sort, drift alone, scroll within the rows, quit', () => {
    assert.equal((after('s') as View).sort, 'rx');
    assert.equal((after('d') as View).onlyDrift, true);
    assert.equal((after('\x1b[Bjj\x1b[A') as View).top, 2);
    assert.equal((after('\x1b[6~') as View).top, 9);
    assert.equal((after('G') as View).top, 25);
    assert.equal((after('Gjjg\x1b[A') as View).top, 0);
    for (const key of ['q', '\x03']) assert.equal(after(key), 'quit');
  });

  test('a filter is typed, kept or dropped; q is a letter of it, and ^C ends even then', () => {
    assert.deepEqual(after('/eqx\x7f\r'), { ...VIEW, filter: 'eq' });
    assert.deepEqual(after('/x\x1b', { ...VIEW, filter: 'a' }), { ...VIEW, filter: 'a' });
    assert.deepEqual(after('\x1b', { ...VIEW, filter: 'a' }), VIEW);
    assert.equal(after('/x\x03'), 'quit');
  });
});

describe('the screen', () => {
  test('has as many lines as the terminal, none wider, with what matters in 80 columns', () => {
    const sink = fakeSink({ tty: true, columns: 80, rows: 10 });
    const { lines, rows, page } = screenOf(reportOf(LINKS), VIEW, sink, { intervalMs: 2000, news: 'x'.repeat(99) });
    assert.deepEqual([lines.length, rows, page], [10, 4, 6]);
    for (const line of lines) assert.ok(widthOf(line) <= 80, line);
    assert.match(lines[0] ?? '', /^lab l: 4 links, 2 as wanted, 1 missing, 1 different · rx 1\.0M tx 8\.0k$/);
    assert.match(lines[2] ?? '', /^LINK +STATE +RXb\/s +TXb\/s +RXp\/s +TXp\/s +DROP +ERR +DRIFT$/);
    assert.match(lines[3] ?? '', /^n10:eth0 +UP +1\.0M +8 +0 +0 +0 +0$/);
    assert.match(lines[4] ?? '', /^n2:eth0 +UP +0 +8\.0k +3 +0 +4 +0$/);
    assert.match(lines[5] ?? '', /^n1:eth0 .* mtu 1300 → 1400$/);
    assert.match(lines[6] ?? '', /^n3:eth0 +missing +- .* missing$/);
    assert.match(lines[9] ?? '', /^1–4 of 4 links · \d\d:\d\d:\d\d, every 2\.0 s · x+…$/);
  });

  test('shows a part of many rows, and fits on any terminal', () => {
    const many = reportOf(
      Array.from({ length: 50 }, (_, at) => live(`node${at}-${'x'.repeat(40)}:eth0`, { rxBytes: at })),
    );
    for (const [columns, height] of [
      [20, 3],
      [80, 24],
      [200, 60],
    ] as const) {
      const sink = fakeSink({ tty: true, columns, rows: height });
      const { lines } = screenOf(many, { ...VIEW, top: 1_000 }, sink, { intervalMs: 100, news: '' });
      assert.equal(lines.length, Math.max(5, height));
      for (const line of lines) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      assert.match(lines.at(-1) ?? '', columns === 20 ? /of 50/ : /–50 of 50 links · .* every 0\.1 s$/);
    }
  });

  test('a name cannot move the cursor', () => {
    const sink = fakeSink({ tty: true });
    const evil = reportOf([live('n\x1b[9A:eth0', {}, { drift: ['\x1b[2J'] })]);
    const { lines } = screenOf(evil, { ...VIEW, typed: '\x1b[5n' }, sink, { intervalMs: 100, news: '' });
    assert.ok(!lines.join('').includes('\x1b'));
  });

  test('without a terminal: a line or a document for each look', () => {
    assert.match(
      linesOf(reportOf(LINKS), { ...VIEW, filter: 'n2' }),
      /^1970-01-01T00:00:00\.000Z n2:eth0 UP rx 0bit\/s 3p\/s tx 8\.0kbit\/s 0p\/s drops 4 errors 0\n$/,
    );
    const { links } = liveJson(reportOf(LINKS), VIEW) as { links: readonly { link: string; state: string }[] };
    assert.deepEqual(
      links.map(({ link, state }) => `${link} ${state}`),
      ['n10:eth0 ok', 'n2:eth0 ok', 'n1:eth0 differs', 'n3:eth0 missing'],
    );
  });

  test('numbers take four characters', () => {
    const texts = [0, 0.25, 1, 9.7, 999, 999.6, 1_234, 12_345, 999_900, 1e6, 1.25e9].map(siText);
    assert.deepEqual(texts, ['0', '0.3', '1', '10', '999', '1.0k', '1.2k', '12k', '1.0M', '1.0M', '1.3G']);
  });
});

describe('rates', () => {
  test('are of the time between two looks, and of one device', async () => {
    const looks: (readonly [atMs: number, ifindex: number, rxBytes: number])[] = [
      ...([
        [1000, 3, 100],
        [1500, 3, 600],
        [2500, 3, 50],
        [3500, 4, 60],
      ] as const),
    ];
    const ask = async (): Promise<CountersResult> => {
      const [atMs, ifindex, rxBytes] = looks.shift() ?? [0, 0, 0];
      const device = { ifindex, operstate: 'UP', counters: { ...ZERO, rxBytes } };
      return { namespaces: [{ ns: namedNs('n1'), atMs, devices: [device] }] };
    };
    const meter = new RateMeter({ ask } as unknown as ConstructorParameters<typeof RateMeter>[0]);
    const status = statusOf('n1:eth0');
    const read = async (): Promise<number | null | undefined> => {
      const { links } = await meter.look(reportOf([]).report, [status]);
      const rates = links[0]?.rates;
      return rates === null ? undefined : (rates?.perSecond?.rxBytes ?? null);
    };
    // The third look finds a counter that went back, the fourth another device in its place.
    assert.deepEqual([await read(), await read(), await read(), await read()], [null, 1000, null, undefined]);
  });
});
