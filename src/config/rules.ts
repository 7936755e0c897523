/** What the keys of one link demand of each other, judged after merging: the description of a link may be spread over files. */

import type { DiagnosticCode } from '../diagnostics/table.ts';
import { modesOf, sharesParentsMac } from '../net/modes.ts';
import { type Entry, spanOf } from './config.ts';
import type { Diagnostics } from './diagnose.ts';
import { DEFAULT_DEV } from './merge.ts';
import type { LinkConfig } from './schema.ts';
import { shortened } from './text/excerpt.ts';

/** What messages show of a node's name. */
export const MAX_NAME = 80;

/** `NODE:DEV` as messages name a link. */
export function linkLabel(link: LinkConfig): string {
  return `${shortened(link.service ?? link.container ?? link.netns ?? '', MAX_NAME)}:${link.dev ?? DEFAULT_DEV}`;
}

type Report = (code: DiagnosticCode, message: string, key?: keyof LinkConfig, hint?: string) => void;

/** What vlan and its kin ask of `mode`, `mac` and `base`. */
function checkLayers({ value }: Entry<LinkConfig>, fault: Report): void {
  const { type = 'veth', mode, mac, base } = value;
  const modes = Object.keys(modesOf(type));
  if (mode !== undefined && modes.length > 0 && !modes.includes(mode)) {
    fault('link-mode', `${type} has no mode ${mode}`, 'mode', `use one of ${modes.join(', ')}`);
  } else if (mac !== undefined && sharesParentsMac(type, mode ?? null)) {
    const what = mode === 'passthru' ? `${type} of mode passthru` : type;
    fault(
      'key-without-meaning',
      `mac has no meaning for ${what}: it has the address of its parent`,
      'mac',
      'leave mac out',
    );
  }
  if (base !== undefined && (type === 'veth' || type === 'dummy')) {
    fault(
      'key-without-meaning',
      `base has no meaning for type ${type}`,
      'base',
      'it says where the parent of a vlan or its kin is',
    );
  }
}

/** Reports where a link breaks a rule. */
export function checkLink(link: Entry<LinkConfig>, diagnostics: Diagnostics): void {
  const { value, faulty } = link;
  if (faulty.includes('type')) return;
  const type = value.type ?? 'veth';
  const has = (key: keyof LinkConfig): boolean => Object.hasOwn(value, key) || faulty.includes(key);
  const fault: Report = (code, message, key, hint) => {
    diagnostics.add(code, `${linkLabel(value)}: ${message}`, { where: () => spanOf(link, key), hint });
  };
  if (type === 'veth') {
    if (!has('bridge'))
      fault('missing-key', 'bridge is missing', undefined, 'a veth link names the bridge that it joins');
  } else if (has('bridge')) {
    fault(
      'key-without-meaning',
      `bridge has no meaning for type ${type}`,
      'bridge',
      'remove it, or make the link a veth',
    );
  }
  if (type === 'vlan') {
    if (!has('vlanid')) fault('missing-key', 'vlanid is missing', undefined, 'type vlan needs a vlanid from 1 to 4094');
  } else if (has('mode') && has('vlanid')) {
    fault('keys-exclude', 'mode and vlanid exclude each other', 'vlanid', `type ${type} has no vlanid`);
  }
  if (type !== 'veth' && type !== 'dummy' && !has('outer-dev')) {
    fault(
      'missing-key',
      'outer-dev is missing',
      undefined,
      `type ${type} needs the parent device, as outer-dev: enp1s0`,
    );
  }
  checkLayers(link, fault);
  if (has('netem') && has('impair')) {
    fault('keys-exclude', 'netem and impair exclude each other', 'impair', 'keep one of them');
  }
}
