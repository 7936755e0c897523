/**
 * Features of a link's device. The kernel reports only the features that it has names for. Settings that only the
 * ethtool program can make are applied once, when the link is made.
 */
import { parseEthtool } from '../../topology/text/ethtool.ts';
import { isFault } from '../../topology/text/fault.ts';
import type { Link } from '../../topology/topology.ts';
import type { EthtoolSetting } from '../../topology/values.ts';
import type { Context } from '../context.ts';
import type { Planned } from './planned.ts';

/**
 * The settings that a link's texts ask for, in order, except those that the creation of the link makes. Texts with
 * faults were refused before.
 */
function ethtoolSettings({ spec }: Link): readonly EthtoolSetting[] {
  const texts = spec.txChecksumOff ? spec.ethtool.slice(1) : spec.ethtool;
  return texts.flatMap((text) => {
    const parsed = parseEthtool(text);
    return isFault(parsed) ? [] : parsed;
  });
}

/** Names of the features that have to be observed for these links. */
export function offloadsAsked(links: readonly Link[]): readonly string[] {
  const names = new Set<string>();
  for (const link of links) {
    for (const setting of ethtoolSettings(link)) if (setting.kind === 'offload') names.add(setting.name);
  }
  return [...names];
}

export function planEthtool(context: Context, { link, device, differs }: Planned): void {
  const settings = ethtoolSettings(link);
  if (settings.length === 0) return;
  const wanted = new Map(settings.flatMap((one) => (one.kind === 'offload' ? [[one.name, one] as const] : [])));
  const different = [...wanted.values()].filter(({ name, on }) => device?.offloads?.[name] !== on);
  const apply = device === null ? settings : different;
  if (apply.length === 0) return;
  const cause =
    device === null ? 'asked for' : different.map(({ name, on }) => `${name} → ${on ? 'on' : 'off'}`).join(', ');
  differs(cause);
  const { ns } = link.node;
  context.draft.ops.push({ op: 'ethtool.set', ns, link: link.id, cause, dev: link.dev, settings: apply });
}
