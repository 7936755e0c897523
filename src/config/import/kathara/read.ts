/** Reads a Kathara lab: `lab.conf`, `lab.dep`, the start-up scripts and the folders beside it. */
import { parseMac } from '../../../net/mac.ts';
import { quote } from '../../text/excerpt.ts';
import { type End, ForeignLab, type Part } from '../foreign-lab.ts';
import type { Surroundings } from '../options.ts';
import { linesOf, type Setting } from './lines.ts';
import { Machine } from './machine.ts';

/** A collision domain and the ends in it. */
type Domains = Map<string, { readonly end: End; readonly setting: Setting }[]>;

export async function readKathara(file: string, text: string, around: Surroundings): Promise<ForeignLab> {
  const lab = new ForeignLab();
  const { settings, others } = linesOf(file, text);
  for (const { text: line, where } of others) lab.notes.leftOut(`the line ${quote(line)}`, where, 'it is no setting');
  const machines = new Map<string, Machine>();
  const domains: Domains = new Map();
  for (const setting of settings) {
    const { machine, key, where } = setting;
    if (machine === null) {
      if (!key.startsWith('LAB_')) lab.notes.leftOut(key, where);
      continue;
    }
    const known = machines.get(machine) ?? new Machine(lab, machine, where);
    machines.set(machine, known);
    if (/^[0-9]+$/.test(key)) join(lab, known, setting, domains);
    else known.set(setting);
  }
  for (const machine of machines.values()) await machine.settle(around);
  addDomains(lab, domains);
  await addDependencies(machines, around);
  return lab;
}

/** `pc1[0]=A` or `pc1[0]=A/00:00:00:00:00:01`: interface eth0 of pc1 is in the domain A. */
function join(
  lab: ForeignLab,
  machine: Machine,
  { key, value, where, machine: name }: Setting,
  domains: Domains,
): void {
  const [domain = '', written, ...more] = value.split('/');
  if (domain === '' || more.length > 0) {
    lab.notes.leftOut(`interface ${key} of ${name}`, where, `${quote(value)} is no collision domain`);
    return;
  }
  const mac = written === undefined ? null : parseMac(written);
  if (typeof mac === 'string')
    lab.notes.leftOut(`the address of interface ${key} of ${name}`, where, `${quote(written)} ${mac}`);
  const dev = lab.names.device(machine.node, `eth${key}`, where);
  const end = { node: machine.node, dev, mac: mac === null || typeof mac === 'string' ? undefined : mac.text };
  machine.hasDevice(dev);
  domains.set(domain, [...(domains.get(domain) ?? []), { end, setting: { machine: name, key, value, where } }]);
}

/** Two ends are a wire; any other number are links on a bridge. */
function addDomains(lab: ForeignLab, domains: Domains): void {
  for (const [domain, members] of domains) {
    const [a, b] = members;
    if (members.length === 2 && a !== undefined && b !== undefined) {
      lab.addWire(a.end, b.end, {}, a.setting.where);
      continue;
    }
    const bridge = lab.names.device('bridges', domain, a?.setting.where);
    for (const { end, setting } of members) lab.addLink(end, { bridge }, setting.where);
  }
}

/** `lab.dep`: `pc3: pc1 pc2`, as make has it. */
async function addDependencies(machines: ReadonlyMap<string, Machine>, { read }: Surroundings): Promise<void> {
  const text = await read('lab.dep');
  for (const line of (text ?? '').split('\n')) {
    const match = /^\s*([^:#\s]+)\s*:\s*([^#]*)/.exec(line);
    if (match === null) continue;
    const machine = machines.get(match[1] ?? '');
    if (machine === undefined) continue;
    const names = (match[2] ?? '').split(/\s+/).filter((name) => machines.has(name));
    const waits: Part = Object.fromEntries(names.map((name) => [machines.get(name)?.node ?? name, 'started']));
    if (names.length > 0) machine.part['wait_for'] = waits;
  }
}
