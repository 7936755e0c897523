/** What `verify` found, for people. */
import { counted } from '../../counted.ts';
import { isFault, type LinkProof, type Proof, type TunnelProof } from '../../proof/proof.ts';
import { hintLine } from '../diagnostics.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';
import { countsOf } from './json.ts';

const COLUMNS: readonly Column[] = [
  { title: 'LINK' },
  { title: 'STATE' },
  { title: 'DOMAIN', shrink: true },
  { title: 'MTU', align: 'right' },
  { title: 'OUT', align: 'right' },
  { title: 'IN', align: 'right' },
];

/** One line for each link at fault and each that is not proved, then how many of each there are; with `every` also a table of all. */
export function proofText(proof: Proof, every: boolean, sink: Sink): string {
  const { paint } = sink;
  const { links, tunnels } = proof;
  const parts = links.filter(({ state }) => isFault(state)).map((link) => faultText(link, paint));
  parts.push(...links.filter(({ state }) => state === 'not-proved').map((link) => notProved(link.link, link, paint)));
  parts.push(...tunnels.map((tunnel) => notProved(`tunnel ${tunnel.tunnel}`, tunnel, paint)));
  if (every && links.length > 0) parts.push(table(COLUMNS, links.map(rowOf), sink));
  return `${parts.join('')}${headline(proof, paint)}\n`;
}

function faultText({ link, state, message, hint }: LinkProof, paint: Sink['paint']): string {
  const line = `${paint('red', 'FAULT: ')}${printable(link)}: ${state}: ${printable(message ?? '')}\n`;
  return hint === null ? line : `${line}${hintLine(hint, paint)}\n`;
}

function notProved(name: string, { message }: Pick<TunnelProof | LinkProof, 'message'>, paint: Sink['paint']): string {
  return `${paint('yellow', 'not proved: ')}${printable(name)}: ${printable(message ?? '')}\n`;
}

function headline({ lab, links }: Proof, paint: Sink['paint']): string {
  const { ok, faults, notProved: open } = countsOf(links);
  const told = `lab ${lab}: ${counted(links.length, 'link')}: ${ok} ok, ${faults} at fault, ${open} not proved`;
  return faults > 0 ? paint('red', told) : told;
}

function rowOf({ link, state, domain, mtuBytes, latencyNs }: LinkProof): string[] {
  const { out, in: into } = latencyNs;
  return [link, state, domain ?? '-', String(mtuBytes ?? '-'), durationOf(out), durationOf(into)].map(printable);
}

/** `1.3 µs`, `30.1 ms`. */
function durationOf(ns: number | null): string {
  if (ns === null) return '-';
  return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}
