/** One machine of a Kathara lab, while its settings are read. */
import type { Read } from '../../nodes/values.ts';
import { quote } from '../../text/excerpt.ts';
import type { ForeignLab, Part } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { Surroundings } from '../options.ts';
import type { Setting } from './lines.ts';
import { commandOf, memoryOf, readFlag, readKatharaPort, readSysctl, readVariable, readVolume } from './values.ts';

/** Kathara's own image for machines that name none. */
const DEFAULT_IMAGE = 'kathara/base';
/** The settings that are text of a container, and what linkloom calls them. */
const TEXTS = new Map([
  ['image', 'image'],
  ['entrypoint', 'entrypoint'],
  ['args', 'command'],
  ['mem', 'memory'],
  ['cpus', 'cpus'],
]);
const STARTUP = '/var/tmp/startup.sh';

type Command = readonly string[];

export class Machine {
  readonly node: string;
  readonly part: Part = { image: DEFAULT_IMAGE };
  readonly #lab: ForeignLab;
  readonly #name: string;
  readonly #where: Where;
  readonly #around: Surroundings;
  readonly #devices = new Set<string>();
  readonly #ports = new Map<string, { readonly port: string; readonly where: Where }>();
  readonly #sysctls = new Map<string, string>();
  readonly #commands: Command[] = [];
  /** What was set so far, by what only one setting can be of. */
  readonly #said = new Map<string, Setting>();
  #bridged: Where | null = null;
  #ipv6 = false;

  constructor(lab: ForeignLab, name: string, where: Where, around: Surroundings) {
    this.#lab = lab;
    this.#name = name;
    this.#where = where;
    this.#around = around;
    this.node = lab.names.node(name, where);
    lab.addNode(this.node, this.part, where);
  }

  /** Adds an interface. False if the machine has one of this name. */
  addDevice(dev: string): boolean {
    const isNew = !this.#devices.has(dev);
    this.#devices.add(dev);
    return isNew;
  }

  set(setting: Setting): void {
    const { key, value, where } = setting;
    const text = TEXTS.get(key);
    if (text !== undefined) this.#setText(text, setting);
    else if (key === 'privileged') this.#flag(setting, (is) => this.#put('privileged', is, where));
    else if (key === 'ipv6') this.#flag(setting, (is) => (this.#ipv6 = is));
    else if (key === 'bridged') this.#flag(setting, (is) => (this.#bridged = is ? where : null));
    else if (key === 'exec') this.#commands.push(commandOf(value));
    else if (key === 'port') this.#port(setting);
    else if (key === 'volume') this.#volume(setting);
    else if (key === 'env') this.#pair(setting, readVariable(value), (name, of) => this.#variable(name, of, where));
    else if (key === 'sysctl') this.#pair(setting, readSysctl(value), (name, of) => this.#sysctls.set(name, of));
    else this.#lab.notes.leftOut(`${key} of ${this.#name}`, where);
  }

  /** Adds what needs a look at all settings, and at the files beside the lab. */
  async settle(): Promise<void> {
    this.#addEngineNetwork();
    this.part['cap_add'] = ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN'];
    // Kathara's order: the kernel's settings, the files, the scripts, and at last the commands of lab.conf.
    for (const command of this.#setSysctls()) this.#append('exec', command);
    await this.#addFiles();
    for (const command of this.#commands) this.#append('exec', command);
  }

  #setText(key: string, setting: Setting): void {
    this.#once(setting.key, setting);
    this.#put(key, key === 'memory' ? memoryOf(setting.value) : setting.value, setting.where);
  }

  #flag(setting: Setting, use: (is: boolean) => void): void {
    const is = this.#read(setting, readFlag(setting.value));
    if (is === null) return;
    this.#once(setting.key, setting);
    use(is);
  }

  #port(setting: Setting): void {
    const read = this.#read(setting, readKatharaPort(setting.value));
    if (read === null) return;
    this.#once(`port ${read.id}`, setting);
    this.#ports.set(read.id, { port: read.port, where: setting.where });
  }

  #volume(setting: Setting): void {
    const bind = this.#read(setting, readVolume(setting.value, this.#around.rebased));
    if (bind !== null) this.#append('binds', bind);
  }

  #pair(
    setting: Setting,
    read: Read<{ readonly name: string; readonly value: string }>,
    use: (name: string, value: string) => void,
  ): void {
    const pair = this.#read(setting, read);
    if (pair === null) return;
    this.#once(`${setting.key} ${pair.name}`, setting);
    use(pair.name, pair.value);
  }

  #variable(name: string, value: string, where: Where): void {
    this.#put('env', { ...(this.part['env'] as Part | undefined), [name]: value }, where);
  }

  /** Sets every setting that the node can have before it starts; returns the commands for the others. */
  #setSysctls(): readonly Command[] {
    // Kathara switches IPv6 off unless it is asked for, and lets a machine forward.
    const usual = { 'net.ipv4.ip_forward': '1', ...(this.#ipv6 ? { 'net.ipv6.conf.all.forwarding': '1' } : {}) };
    const off = this.#ipv6 ? {} : { 'net.ipv6.conf.all.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' };
    const ofDevices = [...this.#sysctls].filter(([key]) => isOfDevice(key));
    const others = [...this.#sysctls].filter(([key]) => !isOfDevice(key));
    this.part['sysctls'] = { ...usual, ...off, ...Object.fromEntries(others) };
    return ofDevices.map(([key, value]) => ['sysctl', '-qw', `${key}=${value}`]);
  }

  /** Ports and `bridged` want an interface of the engine, which is always eth0. */
  #addEngineNetwork(): void {
    if (this.#devices.has('eth0')) {
      const asked = [...this.#ports.values()].map(({ where }) => ({ key: 'port', where }));
      if (this.#bridged !== null) asked.push({ key: 'bridged', where: this.#bridged });
      const why = "the engine's interface would be eth0, which a link has";
      for (const { key, where } of asked) this.#lab.notes.leftOut(`${key} of ${this.#name}`, where, why);
      return;
    }
    if (this.#ports.size > 0) this.part['ports'] = [...this.#ports.values()].map(({ port }) => port);
    else if (this.#bridged !== null) this.part['network'] = 'bridge';
  }

  async #addFiles(): Promise<void> {
    const { exists, rebased } = this.#around;
    const copies: string[] = [];
    if ((await exists('shared')) === 'folder') this.#append('binds', `${rebased('shared')}:/shared`);
    if ((await exists(this.#name)) === 'folder') {
      // The machine's folder lies over the root of the machine.
      copies.push(`${rebased(this.#name)}:/var/tmp/files`);
      this.#append('exec', ['cp', '-a', '/var/tmp/files/.', '/']);
    }
    for (const script of ['shared.startup', `${this.#name}.startup`]) {
      if ((await exists(script)) !== 'file') continue;
      const target = STARTUP.replace('startup', script.replace('.startup', ''));
      copies.push(`${rebased(script)}:${target}`);
      this.#append('exec', scriptCommand(target));
    }
    if (copies.length > 0) this.part['copy'] = copies;
    if ((await exists(`${this.#name}.shutdown`)) === 'file') {
      this.#lab.notes.leftOut(`${this.#name}.shutdown`, this.#where, 'nothing runs in a node that is taken down');
    }
  }

  /** Notes a setting that a later one replaces. */
  #once(id: string, setting: Setting): void {
    const before = this.#said.get(id);
    this.#said.set(id, setting);
    if (before === undefined || before.value === setting.value) return;
    const what = `${before.key} ${quote(before.value)} of ${this.#name}`;
    this.#lab.notes.leftOut(what, before.where, `line ${setting.where()?.line} sets it again`);
  }

  /** The value that was read; null if it is none, which is noted. */
  #read<T>({ key, value, where }: Setting, read: Read<T>): T | null {
    if ('value' in read) return read.value;
    this.#lab.notes.leftOut(`${key} of ${this.#name}`, where, `${quote(value)} ${read.fault}`);
    return null;
  }

  #put(key: string, value: unknown, where: Where): void {
    this.part[key] = value;
    this.#lab.placeKey(this.node, key, where);
  }

  #append(key: string, value: unknown): void {
    this.part[key] = [...((this.part[key] as unknown[] | undefined) ?? []), value];
  }
}

/** A setting of one interface can only be written once the interface is there. */
function isOfDevice(sysctl: string): boolean {
  const dev = /^net\.ipv[46]\.(?:conf|neigh)\.([^.]+)\./.exec(sysctl)?.[1];
  return dev !== undefined && dev !== 'all' && dev !== 'default';
}

/** Kathara runs start-up scripts with bash; an image without one has another shell. */
function scriptCommand(script: string): Command {
  return ['sh', '-c', `"$(command -v bash || echo sh)" ${script}`];
}
