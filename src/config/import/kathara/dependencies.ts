/** Reads `lab.dep` (kathara-lab.dep(5)): `pc3: pc1 pc2`, which means that pc3 starts after pc1 and pc2. */
import { quote } from '../../text/excerpt.ts';
import { spansOf } from '../../text/source.ts';
import type { ForeignLab } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { Machine } from './machine.ts';

interface Rule {
  readonly after: readonly string[];
  readonly where: Where;
}

/** Lets machines wait for those that `lab.dep`, whose path is `file`, names. */
export function addDependencies(
  lab: ForeignLab,
  machines: ReadonlyMap<string, Machine>,
  file: string,
  text: string,
): void {
  const rules = rulesOf(lab, machines, file, text);
  refuseCircles(lab, rules);
  for (const [name, { after }] of rules) {
    const waits = after.map((other): [string, string] => [machines.get(other)?.node ?? other, 'started']);
    const machine = machines.get(name);
    if (machine !== undefined && waits.length > 0) machine.part['wait_for'] = Object.fromEntries(waits);
  }
}

/** The rules by the machine that they are of. All machines in them are in the lab. */
function rulesOf(
  { notes }: ForeignLab,
  machines: ReadonlyMap<string, Machine>,
  file: string,
  text: string,
): ReadonlyMap<string, Rule> {
  const spanAt = spansOf(file, text);
  const rules = new Map<string, Rule>();
  let offset = 0;
  for (const raw of text.split('\n')) {
    const start = offset + (raw.length - raw.trimStart().length);
    offset += raw.length + 1;
    const line = raw.replace(/(?:^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const where: Where = () => spanAt(start, start + line.length);
    const [, name, list = ''] = /^([^:\s]+)\s*:\s*(.+)$/.exec(line) ?? [];
    if (name === undefined) {
      notes.leftOut(`the line ${quote(line)}`, where, 'it is no rule: write MACHINE: MACHINE1 MACHINE2');
      continue;
    }
    const named = list.split(/\s+/);
    const stranger = [name, ...named].find((other) => !machines.has(other));
    if (stranger !== undefined) notes.leftOut(`a rule with ${stranger}`, where, 'it is no machine of the lab');
    const before = rules.get(name);
    if (before !== undefined) {
      notes.leftOut(`a rule of ${name}`, before.where, `line ${where()?.line} gives another`);
    }
    if (machines.has(name)) rules.set(name, { after: named.filter((other) => machines.has(other)), where });
  }
  return rules;
}

/** Refuses rules by which a machine would wait for itself, each circle once, at the rule that closes it. */
function refuseCircles({ notes }: ForeignLab, rules: ReadonlyMap<string, Rule>): void {
  const done = new Set<string>();
  for (const start of rules.keys()) {
    // The walk's stack is its own, since a chain may be as long as the lab. Each entry has what is left to visit.
    const trail: { readonly name: string; readonly left: string[] }[] = [];
    const enter = (name: string): void => {
      trail.push({ name, left: [...(rules.get(name)?.after ?? [])] });
    };
    if (!done.has(start)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.left.shift();
      const at = trail.findIndex(({ name }) => name === next);
      if (next === undefined) done.add(trail.pop()?.name ?? '');
      else if (at >= 0) {
        const circle = [...trail.slice(at).map(({ name }) => name), next].join(' starts after ');
        notes.add('import-refused', `machines wait for each other: ${circle}`, rules.get(top.name)?.where);
      } else if (!done.has(next)) enter(next);
    }
  }
}
