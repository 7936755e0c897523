/** Reads a Kathara lab: `lab.conf`, `lab.dep`, the start-up scripts and the folders beside it. */
import { dirname, join } from 'node:path';
import { parseMac } from '../../../net/mac.ts';
import { quote } from '../../text/excerpt.ts';
import { type End, ForeignLab } from '../foreign-lab.ts';
import type { Surroundings } from '../options.ts';
import { addDependencies } from './dependencies.ts';
import { leaveExternalOut } from './external.ts';
import { linesOf, type Setting } from './lines.ts';
import { Machine } from './machine.ts';

/** A collision domain and the ends in it. */
type Domains = Map<string, { readonly end: End; readonly setting: Setting }[]>;

/** Names that Kathara keeps for folders of its own. */
const RESERVED = new Set(['shared', '_test']);

export async function readKathara(file: string, text: string, around: Surroundings): Promise<ForeignLab> {
  const lab = new ForeignLab();
  const { settings, others } = linesOf(file, text);
  for (const { text: line, where } of others) lab.notes.leftOut(`the line ${quote(line)}`, where, 'it is no setting');
  const machines = new Map<string, Machine>();
  const domains: Domains = new Map();
  for (const setting of settings) {
    const { machine, key, where } = setting;
    if (machine === null) setLab(lab, setting);
    else if (RESERVED.has(machine)) {
      lab.notes.add('import-refused', `${machine} can not be a machine: it is the name of a folder of the lab`, where);
    } else {
      const known = machines.get(machine) ?? new Machine(lab, machine, where, around);
      machines.set(machine, known);
      if (/^[0-9]+$/.test(key)) joinDomain(lab, known, setting, domains);
      else known.set(setting);
    }
  }
  for (const machine of machines.values()) await machine.settle();
  addDomains(lab, domains);
  await addOtherFiles(lab, machines, dirname(file), around);
  return lab;
}

/** `LAB_NAME=x` names the lab. What else is said of it is for people alone. */
function setLab(lab: ForeignLab, { key, value, where }: Setting): void {
  if (key === 'LAB_NAME') lab.nameLab(value, where);
  else lab.notes.leftOut(key, where);
}

/** `pc1[0]=A` or `pc1[0]=A/00:00:00:00:00:01`: interface eth0 of pc1 is in the domain A. */
function joinDomain(
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
  const fault = typeof mac === 'string' ? mac : mac?.multicast ? 'is the address of a group' : null;
  if (fault !== null)
    lab.notes.leftOut(`the address of interface ${key} of ${name}`, where, `${quote(written ?? '')} ${fault}`);
  const dev = lab.names.device(machine.node, `eth${key.replace(/^0+(?=\d)/, '')}`, where);
  if (!machine.addDevice(dev)) {
    lab.notes.add('import-refused', `${name} has the interface ${key} already`, where);
    return;
  }
  const end = { node: machine.node, dev, mac: fault !== null || typeof mac === 'string' ? undefined : mac?.text };
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

async function addOtherFiles(
  lab: ForeignLab,
  machines: ReadonlyMap<string, Machine>,
  folder: string,
  { read, exists }: Surroundings,
): Promise<void> {
  const [dependencies, external] = [await read('lab.dep'), await read('lab.ext')];
  if (dependencies !== null) addDependencies(lab, machines, join(folder, 'lab.dep'), dependencies);
  if (external !== null) leaveExternalOut(lab, join(folder, 'lab.ext'), external);
  if ((await exists('shared.shutdown')) === 'file') {
    lab.notes.leftOut('shared.shutdown', undefined, 'nothing runs in a node that is taken down');
  }
}
