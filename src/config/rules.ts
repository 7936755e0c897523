/** Checks that the keys of a link agree with each other. It runs after merging, since several files may describe one link. */

import type { DiagnosticCode } from '../diagnostics/table.ts';
import { DEFAULT_LINK_TYPE, hasOwnMac, linkKind, partOf } from '../kinds/links/link-kinds.ts';
import { HOST_NAME } from '../net/ifname.ts';
import { type Entry, spanOf } from './config.ts';
import type { Diagnostics } from './diagnose.ts';
import { DEFAULT_DEV } from './merge.ts';
import type { LinkConfig } from './schema.ts';
import { shortened } from './text/excerpt.ts';

/** The most characters of a node's name that messages show. */
export const MAX_NAME = 80;

/** The name of a link in messages: `NODE:DEV`. */
export function linkLabel(link: LinkConfig): string {
  return `${shortened(link.service ?? link.container ?? link.netns ?? link.node ?? (link.host ? HOST_NAME : ''), MAX_NAME)}:${link.dev ?? DEFAULT_DEV}`;
}

type Report = (code: DiagnosticCode, message: string, key?: keyof LinkConfig, hint?: string) => void;

/** Checks the keys that the link's kind needs, refuses or ignores. */
function checkKeys({ value }: Entry<LinkConfig>, has: (key: keyof LinkConfig) => boolean, report: Report): void {
  const { type = DEFAULT_LINK_TYPE } = value;
  const { needs, refuses, ignores } = linkKind(type);
  for (const { key, hint } of needs) if (!has(key)) report('missing-key', `${key} is missing`, undefined, hint);
  for (const { key, hint } of refuses) {
    if (has(key)) report('key-without-meaning', `${key} has no meaning for type ${type}`, key, hint);
  }
  if (has('mode') && has('vlanid') && ignores.includes('vlanid')) {
    return report('keys-exclude', 'mode and vlanid exclude each other', 'vlanid', `type ${type} has no vlanid`);
  }
  for (const key of ignores) {
    if (has(key))
      report('key-ignored', `${key} has no meaning for type ${type}`, key, 'leave it out: nothing comes of it');
  }
}

/** Checks `mode` and `mac` for kinds of links that have modes. */
function checkMode({ value }: Entry<LinkConfig>, report: Report): void {
  const { type = DEFAULT_LINK_TYPE, mode, mac } = value;
  const { modes } = linkKind(type);
  if (mode !== undefined && modes.length > 0 && !modes.includes(mode)) {
    return report('link-mode', `${type} has no mode ${mode}`, 'mode', `use one of ${modes.join(', ')}`);
  }
  const part = partOf(type, value);
  if (mac === undefined || part === null || hasOwnMac(part)) return;
  const what = mode === undefined || !linkKind(type).takesParentWhole(part) ? type : `${type} of mode ${mode}`;
  report(
    'key-without-meaning',
    `mac has no meaning for ${what}: it has the address of its parent`,
    'mac',
    'leave mac out',
  );
}

/** Reports every rule that a link breaks. */
export function checkLink(link: Entry<LinkConfig>, diagnostics: Diagnostics): void {
  const { value, faulty } = link;
  if (faulty.includes('type')) return;
  const has = (key: keyof LinkConfig): boolean => Object.hasOwn(value, key) || faulty.includes(key);
  const report: Report = (code, message, key, hint) => {
    diagnostics.add(code, `${linkLabel(value)}: ${message}`, { where: () => spanOf(link, key), hint });
  };
  checkKeys(link, has, report);
  checkMode(link, report);
  if (has('netem') && has('impair')) {
    report('keys-exclude', 'netem and impair exclude each other', 'impair', 'keep one of them');
  }
}
