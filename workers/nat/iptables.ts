import { existsSync, readFileSync } from 'node:fs';
import { ruleMarkOf } from '../../src/net/rule-mark.ts';
import type { Translation } from '../../src/wire/ops/extras.ts';
import type { TranslationDump } from '../../src/wire/seen.ts';
import type { Namespace } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { runProgram } from '../program.ts';
import { type Change, countByComment, outdated, type Refusal, type Translator, withoutRefused } from './change.ts';

type Family = 4 | 6;
const FAMILIES = [4, 6] as const;

/** Programs by family. The legacy ones come first: they use the kernel's iptables, whatever the system's default is. */
const PROGRAMS = { 4: ['iptables-legacy', 'iptables'], 6: ['ip6tables-legacy', 'ip6tables'] } as const;
/** Files in /proc with one line for each table that is in use in a namespace. */
const TABLE_NAMES = {
  4: '/proc/thread-self/net/ip_tables_names',
  6: '/proc/thread-self/net/ip6_tables_names',
} as const;

/** The programs that were found to work on this machine, by family. */
const found = new Map<Family, string>();

/** Translates by rules of iptables. Each namespace and family takes one run of iptables-save and one of iptables-restore. */
export const iptables: Translator = { name: 'iptables', read, change };

/** Whether iptables works here. Tries rules in the thread's present network namespace, which must be a temporary one. */
export function probeIptablesHere(): boolean {
  for (const family of FAMILIES) {
    const probe = restoring(['-A POSTROUTING -m comment --comment probe -m conntrack --ctstate DNAT -j MASQUERADE']);
    const program = PROGRAMS[family].find((name) => runs(`${name}-restore`, probe));
    if (program !== undefined) found.set(family, program);
  }
  return found.has(4);
}

function runs(program: string, input: string): boolean {
  try {
    runProgram(program, ['--noflush'], input);
    return true;
  } catch (error) {
    if (error instanceof SystemFault) return false;
    throw error;
  }
}

/** Whether the kernel has loaded its iptables modules. Without them there are no rules of iptables. */
export function kernelHasIptables(): boolean {
  return FAMILIES.some((family) => existsSync(TABLE_NAMES[family]));
}

function hasTable(space: Namespace, family: Family): boolean {
  return space.enter(
    () => existsSync(TABLE_NAMES[family]) && readFileSync(TABLE_NAMES[family], 'utf8').split('\n').includes('nat'),
  );
}

function read(space: Namespace, lab: string): readonly TranslationDump[] {
  return countByComment(FAMILIES.flatMap((family) => listRules(space, lab, family)));
}

interface Rule {
  /** The rule as iptables-save writes it, without `-A CHAIN`. */
  readonly line: string;
  readonly comment: string;
}

function listRules(space: Namespace, lab: string, family: Family): readonly Rule[] {
  const program = found.get(family);
  if (program === undefined || !hasTable(space, family)) return [];
  const text = space.enter(() => runProgram(`${program}-save`, ['-t', 'nat']));
  return text.split('\n').flatMap((whole): Rule[] => {
    const comment = /^-A .* --comment "([^"]*)"/.exec(whole)?.[1];
    return comment !== undefined && ruleMarkOf(comment)?.lab === lab ? [{ line: whole.slice(3), comment }] : [];
  });
}

function change(space: Namespace, lab: string, changes: readonly Change[]): readonly Refusal[] {
  return FAMILIES.flatMap((family) =>
    withoutRefused(changes, (some) => restore(space, { lab, family, changes: some })),
  );
}

interface Restoring {
  readonly lab: string;
  readonly family: Family;
  readonly changes: readonly Change[];
}

function restore(space: Namespace, { lab, family, changes }: Restoring): readonly Refusal[] {
  const comments = outdated(changes);
  const doomed = listRules(space, lab, family).filter(({ comment }) => comments.has(comment));
  const owners: (Change | null)[] = doomed.map(() => null);
  const lines = doomed.map(({ line }) => `-D ${line}`);
  for (const each of changes) {
    for (const { comment, translation } of each.op.add) {
      if (familyOf(translation) !== family) continue;
      for (const line of rulesOf(translation, comment)) {
        lines.push(`-I ${line}`);
        owners.push(each);
      }
    }
  }
  if (lines.length === 0) return [];
  const program = found.get(family);
  if (program === undefined) throw new SystemFault('exec', PROGRAMS[family][0], ERRNO.ENOENT);
  try {
    space.enter(() => runProgram(`${program}-restore`, ['--noflush', '--wait', '10'], restoring(lines)));
    return [];
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
    const owner = owners[lineOf(error.detail) - 2];
    const blamed = owner ? [owner] : changes;
    return blamed.map((each) => ({ change: each, call: program, errno: error.errno, message: error.detail }));
  }
}

/** The input of iptables-restore. Its first line names the table, so the rules begin on the second. */
function restoring(lines: readonly string[]): string {
  return ['*nat', ...lines, 'COMMIT', ''].join('\n');
}

/** The number of the line that an error message names, or 0. */
function lineOf(text: string): number {
  return Number(/line:? (\d+)/i.exec(text)?.[1] ?? 0);
}

function familyOf(translation: Translation): Family {
  return translation.to.includes(':') ? 6 : 4;
}

/** The rules of a translation. Each is inserted at the top of its chain. */
function rulesOf(translation: Translation, comment: string): readonly string[] {
  const mark = `-m comment --comment ${quoted(comment)}`;
  switch (translation.kind) {
    case 'nat': {
      const dev = deviceOf(translation.dev);
      return [
        `PREROUTING -i ${dev} ${mark} -j DNAT --to-destination ${translation.to}`,
        `POSTROUTING -o ${dev} ${mark} -j SNAT --to-source ${translation.from}`,
      ];
    }
    case 'forward': {
      const { uplink, bridge, protocol, outerPort, to, innerPort } = translation;
      return [
        `PREROUTING -i ${deviceOf(uplink)} -p ${protocol} -m ${protocol} --dport ${outerPort} ${mark} -j DNAT --to-destination ${to}:${innerPort}`,
        `POSTROUTING -o ${deviceOf(bridge)} -d ${to}/32 -p ${protocol} -m ${protocol} --dport ${innerPort} -m conntrack --ctstate DNAT ${mark} -j MASQUERADE`,
      ];
    }
    default:
      throw new TypeError(`no rule for ${(translation satisfies never as Translation).kind}`);
  }
}

/** The device's name as an argument. Throws SystemFault for a name that iptables would take for a pattern. */
function deviceOf(dev: string): string {
  if (dev.endsWith('+'))
    throw new SystemFault('iptables', dev, ERRNO.EINVAL, 'to iptables the + stands for any ending');
  return quoted(dev);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
