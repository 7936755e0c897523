/** WireGuard between emulated hosts, as `examples/hosts/wireguard/` has it. Needs wireguard-tools, and a kernel with WireGuard. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { EmulatedHosts, Overlay } from '../../../scripts/cluster/emulated-hosts.ts';
import { ROOT } from '../bin.ts';
import { readPage } from '../docs/pages.ts';

const EXAMPLE = 'examples/hosts/wireguard';

/** `folder` is there and empty; it gets the files of the hosts. */
export function wireguard(folder: string): Overlay {
  return { address: (number) => `192.0.2.1${number}`, prepare: (hosts) => prepare(hosts, folder) };
}

async function prepare(hosts: EmulatedHosts, folder: string): Promise<void> {
  const keys = await Promise.all(hosts.names.map(makeKeys));
  const rules = readPage(`${EXAMPLE}/README.md`).steps.find(({ kind }) => kind === 'shell')?.text ?? '';
  for (const [index, name] of hosts.names.entries()) {
    const file = join(folder, name, 'wg0.conf');
    mkdirSync(join(folder, name));
    writeFileSync(file, fileOf(index + 1, keys, hosts), { mode: 0o600 });
    await hosts.exec(name, 'wg-quick', ['up', file]);
    await hosts.exec(name, 'sh', ['-e', '-c', rules]);
  }
}

interface Keys {
  readonly own: string;
  readonly known: string;
}

async function makeKeys(): Promise<Keys> {
  const { stdout: own } = await execa('wg', ['genkey']);
  const { stdout: known } = await execa('wg', ['pubkey'], { input: own });
  return { own, known };
}

/** The file of the first host for another one: the two change places. */
function fileOf(number: number, keys: readonly Keys[], hosts: EmulatedHosts): string {
  const place = (text: string): number => (text === '1' ? number : Number(text) === number ? 1 : Number(text));
  return readFileSync(join(ROOT, EXAMPLE, 'wg0-h1.conf'), 'utf8')
    .replace(/192\.0\.2\.1(\d)/g, (_, at: string) => `192.0.2.1${place(at)}`)
    .replace(/198\.51\.100\.1(\d)/g, (_, at: string) => hosts.underlayAddress(`h${place(at)}`))
    .replace(/PRIVATE-KEY-OF-H(\d)/, (_, at: string) => keys[place(at) - 1]?.own ?? '')
    .replace(/PUBLIC-KEY-OF-H(\d)/g, (_, at: string) => keys[place(at) - 1]?.known ?? '');
}
