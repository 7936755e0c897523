import { nearest } from '../../config/text/nearest.ts';
import { LinkloomError } from '../../errors.ts';
import { isNamed } from '../../net/ns-id.ts';
import type { LinkStatus, StatusReport } from '../../plan/status/status.ts';
import { globPattern, isGlob } from '../with-nodes/choose.ts';

const BRIDGE = 'bridge/';

/**
 * The links that are meant, each once, those of one word in the order of the report. A word is `NODE:DEV`, a glob of it (`*`: any
 * text, `?`: any character), or `bridge/NAME` for all links of a bridge. NODE may be a service, which stands for all its replicas, and may have
 * its kind before it (`netns/NAME`, `container/NAME`). `services` has the services of containers by their names. Throws E_NODE_MISSING where
 * a word stands for nothing.
 */
export function chooseLinks(
  words: readonly string[],
  report: Pick<StatusReport, 'lab' | 'links'>,
  services: ReadonlyMap<string, string>,
): readonly LinkStatus[] {
  const chosen = new Set<LinkStatus>();
  for (const word of words) {
    const found = report.links.filter((link) => stands(word, link, services));
    if (found.length === 0) throw noLink(word, report);
    for (const link of found) chosen.add(link);
  }
  return [...chosen];
}

function stands(word: string, link: LinkStatus, services: ReadonlyMap<string, string>): boolean {
  if (word.startsWith(BRIDGE) && !word.includes(':')) {
    return link.bridge !== null && matches(word.slice(BRIDGE.length), link.bridge);
  }
  return namesOf(link, services).some((name) => matches(word, name));
}

function matches(word: string, name: string): boolean {
  return isGlob(word) ? globPattern(word).test(name) : word === name;
}

function namesOf({ link, dev, ns }: LinkStatus, services: ReadonlyMap<string, string>): readonly string[] {
  const node = link.slice(0, link.length - dev.length - 1);
  const bare = node.replace(/^(netns|container|node)\//, '');
  const service = services.get(bare);
  const kind = isNamed(ns) ? 'netns' : 'container';
  const nodes = [node, bare, `${kind}/${bare}`, `node/${bare}`, ...(service === undefined ? [] : [service])];
  return [...new Set(nodes)].map((name) => `${name}:${dev}`);
}

function noLink(word: string, { lab, links }: Pick<StatusReport, 'lab' | 'links'>): LinkloomError {
  const isBridge = word.startsWith(BRIDGE) && !word.includes(':');
  const known = isBridge
    ? links.flatMap(({ bridge }) => (bridge === null ? [] : [BRIDGE + bridge]))
    : links.map(({ link }) => link);
  const near = nearest(word, new Set(known));
  const what = isGlob(word)
    ? `no link of lab ${lab} matches ${word}`
    : isBridge
      ? `lab ${lab} has no links on a bridge ${word.slice(BRIDGE.length)}`
      : `lab ${lab} has no link ${word}`;
  const ofNode = links.find(({ link }) => link.startsWith(`${word}:`));
  const hint =
    ofNode !== undefined
      ? `write ${ofNode.link}, or '${word}:*' for all links of ${word}`
      : near !== undefined
        ? `did you mean ${near}?`
        : 'a link is NODE:DEV, a glob of it, or bridge/NAME';
  return new LinkloomError('E_NODE_MISSING', what, { where: word, hint });
}
