/** One machine of a Kathara lab, while its settings are read. */
import { quote } from '../../text/excerpt.ts';
import type { ForeignLab, Part } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { Surroundings } from '../options.ts';
import type { Setting } from './lines.ts';

/** Kathara's own image for machines that name none. */
const DEFAULT_IMAGE = 'kathara/base';
/** Settings of the terminals that Kathara opens. */
const OF_NO_MATTER = new Set(['num_terms', 'shell']);
const STARTUP = '/var/tmp/startup.sh';

export class Machine {
  readonly node: string;
  readonly part: Part = { image: DEFAULT_IMAGE };
  readonly #lab: ForeignLab;
  readonly #name: string;
  readonly #where: Where;
  readonly #devices = new Set<string>();
  readonly #engine: Setting[] = [];
  #ipv6 = false;

  constructor(lab: ForeignLab, name: string, where: Where) {
    this.#lab = lab;
    this.#name = name;
    this.#where = where;
    this.node = lab.names.node(name, where);
    lab.addNode(this.node, this.part, where);
  }

  hasDevice(dev: string): void {
    this.#devices.add(dev);
  }

  set(setting: Setting): void {
    const { key, value, where } = setting;
    if (key === 'image' || key === 'user' || key === 'entrypoint') this.part[key] = value;
    else if (key === 'args') this.part['command'] = value;
    else if (key === 'mem') this.part['memory'] = value;
    else if (key === 'cpus') this.part['cpus'] = value;
    else if (key === 'privileged') this.part['privileged'] = isTrue(value);
    else if (key === 'ipv6') this.#ipv6 = isTrue(value);
    else if (key === 'exec') this.#append('exec', commandOf(value));
    else if (key === 'volume') this.#append('binds', value.replaceAll('|', ':'));
    else if (key === 'env') this.#pair('env', value, where);
    else if (key === 'sysctl') this.#pair('sysctls', value.replace(/^(net|kernel|fs)\/?/, '$1'), where);
    else if (key === 'port' || key === 'bridged') this.#engine.push(setting);
    else if (!OF_NO_MATTER.has(key)) this.#lab.notes.leftOut(`${key} of ${this.#name}`, where);
  }

  /** Adds what needs a look at all settings, and at the files beside the lab. */
  async settle(around: Surroundings): Promise<void> {
    this.#addEngineNetwork();
    const sysctls = (this.part['sysctls'] as Record<string, string> | undefined) ?? {};
    // Kathara switches IPv6 off unless it is asked for, and lets a machine forward.
    const usual = { 'net.ipv4.ip_forward': '1', ...(this.#ipv6 ? { 'net.ipv6.conf.all.forwarding': '1' } : {}) };
    const off = this.#ipv6 ? {} : { 'net.ipv6.conf.all.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' };
    this.part['sysctls'] = { ...usual, ...off, ...this.#withoutDevices(sysctls) };
    this.part['cap_add'] = ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN'];
    await this.#addFiles(around);
  }

  /** A setting of one interface can only be written once the interface is there. */
  #withoutDevices(sysctls: Record<string, string>): Record<string, string> {
    const left: Record<string, string> = {};
    for (const [key, value] of Object.entries(sysctls)) {
      const dev = /^net\.ipv[46]\.(?:conf|neigh)\.([^.]+)\./.exec(key)?.[1];
      if (dev === undefined || dev === 'all' || dev === 'default') left[key] = value;
      else this.#append('exec', ['sysctl', '-qw', `${key}=${value}`]);
    }
    return left;
  }

  /** Ports and `bridged` want an interface of the engine, which is always eth0. */
  #addEngineNetwork(): void {
    const asked = this.#engine.filter(({ key, value }) => key === 'port' || isTrue(value));
    if (asked.length === 0) return;
    if (this.#devices.has('eth0')) {
      for (const { key, where } of asked) {
        this.#lab.notes.leftOut(
          `${key} of ${this.#name}`,
          where,
          "the engine's interface would be eth0, which a link has",
        );
      }
      return;
    }
    const ports = asked.filter(({ key }) => key === 'port').map(({ value }) => portOf(value));
    if (ports.length > 0) this.part['ports'] = ports;
    else this.part['network'] = 'bridge';
  }

  async #addFiles({ exists, rebased }: Surroundings): Promise<void> {
    const copies: string[] = [];
    for (const folder of ['shared', this.#name]) {
      if ((await exists(folder)) !== 'folder') continue;
      if (folder === 'shared') this.#append('binds', `${rebased('shared')}:/shared`);
      else copies.push(...(await this.#folder(rebased(folder))));
    }
    for (const script of ['shared.startup', `${this.#name}.startup`]) {
      if ((await exists(script)) !== 'file') continue;
      const target = STARTUP.replace('startup', script.replace('.startup', ''));
      copies.push(`${rebased(script)}:${target}`);
      this.#append('exec', ['sh', target]);
    }
    if (copies.length > 0) this.part['copy'] = copies;
    if ((await exists(`${this.#name}.shutdown`)) === 'file') {
      this.#lab.notes.leftOut(`${this.#name}.shutdown`, this.#where);
    }
  }

  /** Kathara lays the machine's folder over the root of the machine. */
  async #folder(path: string): Promise<readonly string[]> {
    this.#append('exec', ['cp', '-a', '/var/tmp/files/.', '/']);
    return [`${path}:/var/tmp/files`];
  }

  #append(key: string, value: unknown): void {
    this.part[key] = [...((this.part[key] as unknown[] | undefined) ?? []), value];
  }

  #pair(key: string, pair: string, where: Where): void {
    const at = pair.indexOf('=');
    if (at < 1) {
      this.#lab.notes.leftOut(`${key} of ${this.#name}`, where, `${quote(pair)} is not NAME=VALUE`);
      return;
    }
    const map = (this.part[key] as Record<string, string> | undefined) ?? {};
    this.part[key] = { ...map, [pair.slice(0, at).trim()]: pair.slice(at + 1).trim() };
  }
}

/** What only a shell understands. Words without any of it need no shell. */
const FOR_SHELLS = /[|&;<>()$`\\"'*?[\]#~=%!{}\n]/;

function commandOf(text: string): readonly string[] {
  return FOR_SHELLS.test(text) ? ['sh', '-c', text] : text.trim().split(/\s+/);
}

const isTrue = (value: string): boolean => /^(?:true|yes|y|1|on)$/i.test(value);

/** `3000:80/tcp` as it is; a single port is the machine's, published at 3000 as Kathara does. */
function portOf(value: string): string {
  return value.includes(':') ? value : `3000:${value}`;
}
