/** The panel of a running link: state, addresses, counters, who is at the other end, how to capture, and what can be done to it. */
import type { PictureEdge } from '../../picture/picture.ts';
import { bareCommandLine } from '../../verb-names.ts';
import { h } from '../dom.ts';
import { type LiveLink, type LiveLinks, overrideText, type Rate } from './links.ts';

/** What the buttons ask for. */
export type Action = 'down' | 'up' | 'slow' | 'narrow' | 'reset';

const ACTIONS: readonly (readonly [Action, string])[] = [
  ['down', 'Set down'],
  ['up', 'Set up'],
  ['slow', 'Delay 200 ms'],
  ['narrow', 'Limit to 1 Mbit/s'],
  ['reset', 'Reset'],
];

/** Ends of links that the panel of a folded edge shows. */
const MOST_SHOWN = 20;

/** The parts of the panel for an edge. `onAction` is told which link is to be changed; null: nothing can be. */
export function livePanel(
  edge: PictureEdge,
  lab: string,
  links: LiveLinks,
  onAction: ((link: string, action: Action) => void) | null,
): readonly HTMLElement[] {
  const found = links.ofEdge(edge);
  const shown = found.slice(0, MOST_SHOWN).map(({ live, other }) => linkPart(live, lab, other, onAction));
  if (found.length <= MOST_SHOWN) return shown;
  return [...shown, h('p', { className: 'note' }, `and ${found.length - MOST_SHOWN} more ends of links`)];
}

function linkPart(
  live: LiveLink,
  lab: string,
  other: string,
  onAction: ((link: string, action: Action) => void) | null,
): HTMLElement {
  const { document, rates } = live;
  const { link, device, drift, overrides = [] } = document;
  const words = stateWords(live);
  return h(
    'section',
    { 'data-link': link },
    h('h3', {}, link),
    h('p', { className: words.tone }, words.text),
    ...drift.map((text) => h('p', { className: 'note' }, `differs: ${text}`)),
    ...overrides.map((one) => h('p', { className: 'note impair' }, `by hand: ${overrideText(one)}`)),
    ...(device?.netem === undefined ? [] : [h('p', { className: 'note impair' }, device.netem)]),
    h('p', { className: 'note' }, `other end: ${other}`),
    ...addresses(live),
    ...(device?.stats64 === undefined ? [] : [counterTable(live), sparkline(rates)]),
    ...(device === null ? [] : [captureLine(live, lab)]),
    ...(onAction === null ? [] : [actions(link, onAction)]),
  );
}

function stateWords({ document: { device, state, desired } }: LiveLink): {
  readonly text: string;
  readonly tone: string;
} {
  if (state === 'waits') return { text: 'waits for its other end', tone: 'note' };
  if (device === null) return { text: 'missing', tone: 'failed' };
  const isUp = device.flags.includes('UP');
  const wanted = desired === null || (desired === 'up') === isUp ? '' : `, wanted ${desired}`;
  return {
    text: `${isUp ? 'up' : 'down'} (${device.operstate})${wanted}, MTU ${device.mtu}`,
    tone: isUp ? 'up' : 'down',
  };
}

function addresses({ document: { device } }: LiveLink): readonly HTMLElement[] {
  const texts = (device?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  if (device?.address !== undefined && device.address !== '') texts.push(device.address);
  return texts.map((text) => h('p', { className: 'note' }, text));
}

function counterTable({ document: { device }, rates }: LiveLink): HTMLElement {
  const { rx, tx } = device?.stats64 ?? {};
  const last = rates.at(-1);
  const row = (name: string, ...cells: readonly string[]): HTMLElement =>
    h('tr', {}, h('td', {}, name), ...cells.map((cell) => h('td', {}, cell)));
  return h(
    'table',
    {},
    h('tr', {}, h('th', {}, ''), h('th', {}, 'received'), h('th', {}, 'sent')),
    row('rate', rateText(last?.rx ?? 0), rateText(last?.tx ?? 0)),
    row('bytes', String(rx?.bytes ?? 0), String(tx?.bytes ?? 0)),
    row('packets', String(rx?.packets ?? 0), String(tx?.packets ?? 0)),
    row('errors', String(rx?.errors ?? 0), String(tx?.errors ?? 0)),
    row('dropped', String(rx?.dropped ?? 0), String(tx?.dropped ?? 0)),
  );
}

function rateText(bits: number): string {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];
  let [value, unit] = [bits, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Rates over time as a small figure: received filled, sent as a line. */
function sparkline(rates: readonly Rate[]): HTMLElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 60 20');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'Traffic over the last samples');
  const most = Math.max(...rates.flatMap(({ rx, tx }) => [rx, tx]), 1);
  const line = (of: (rate: Rate) => number): string =>
    rates.map((rate, at) => `${60 - rates.length + at + 1},${(19 - (of(rate) / most) * 18).toFixed(2)}`).join(' ');
  for (const [of, colour] of [
    [(rate: Rate) => rate.rx, 'var(--good)'],
    [(rate: Rate) => rate.tx, 'var(--accent)'],
  ] as const) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    path.setAttribute('points', line(of));
    path.setAttribute('fill', 'none');
    path.setAttribute('stroke', colour);
    path.setAttribute('vector-effect', 'non-scaling-stroke');
    svg.append(path);
  }
  const figure = h('div', { className: 'spark', title: `at most ${rateText(most)}; received green, sent blue` });
  figure.append(svg);
  return figure;
}

function captureLine({ document: { link } }: LiveLink, lab: string): HTMLElement {
  const quoted = /^[\w.:/-]+$/.test(link) ? link : `'${link.replaceAll("'", "'\\''")}'`;
  return h('pre', {}, `${bareCommandLine('capture', `--lab ${lab} ${quoted}`)} | wireshark -k -i -`);
}

function actions(link: string, onAction: (link: string, action: Action) => void): HTMLElement {
  return h(
    'div',
    { className: 'actions', role: 'group', 'aria-label': `Change ${link}` },
    ...ACTIONS.map(([action, text]) =>
      h(
        'button',
        {
          type: 'button',
          'data-hold': `${action} ${link}`,
          'data-action': action,
          onclick: () => onAction(link, action),
        },
        text,
      ),
    ),
  );
}
